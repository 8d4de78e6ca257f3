import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inRoot, root } from './paths.mjs'
import { run } from './processes.mjs'
import { Refusal, step, tail } from './say.mjs'
import { shippedHandlers } from './shipped-handlers.mjs'
import { sourceFiles } from './sources.mjs'

const webStamp = inRoot('.next/.jobyard-built')

/** The entry points of the processes. The code of isolated threads is a file of its own. */
export const entries = {
  web: 'server/web/main.ts',
  worker: 'worker/main.ts',
  thread: 'worker/run/isolated/thread.ts',
  check: 'server/engine/checking/thread.ts',
  inspect: 'worker/catalog/inspect.ts',
  seed: 'prisma/seed.ts',
  admin: 'prisma/admin.ts',
  doctor: 'server/deployment/doctor.ts',
  jobyard: 'cli/main.ts',
}

/** The entries that run in threads. Each gets a second file `NAME.cjs`, which is the one that a thread is given. */
const inThreads = ['thread', 'check']

/**
 * What a thread runs first: it loads an ES module by `import`. The package piscina would load it by `require`, and
 * Node.js ends the whole process when a thread is stopped in the middle of a `require` of an ES module.
 * @param {string} module relative to the file with this text, for instance `./thread.mjs`
 */
export const loadsInThread = (module) => `module.exports = import('${module}').then((loaded) => loaded.default)\n`

/** A hash over every file that a build reads, and over the major version of Node.js. */
export function hashSources() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '')
  for (const file of sourceFiles())
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  for (const file of ['build.mjs', 'shipped-handlers.mjs']) hash.update(readFileSync(inRoot('launcher', file)))
  return hash.digest('hex')
}

/**
 * Bundles all of `entries`, unless that was done for these sources already.
 * @param {string} hash
 * @param {string} [outdir] inside the clone, for the packages it imports are looked up from there
 * @param {import('esbuild').Plugin[]} [plugins]
 */
export async function buildServer(hash, outdir = inRoot('dist'), plugins = []) {
  const stamp = path.join(outdir, '.built')
  if (isBuilt(stamp, hash)) return
  const { build } = await import('esbuild')
  rmSync(outdir, { recursive: true, force: true })
  const present = Object.entries(entries).filter(([, file]) => existsSync(inRoot(file)))
  try {
    await build({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(present),
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      // Splitting keeps dynamic imports lazy, so a thread starts without the libraries that its handler does not use.
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      packages: 'external',
      sourcemap: true,
      plugins: [shippedHandlers, ...plugins],
      logLevel: 'silent',
    })
  } catch (error) {
    throw new Refusal(
      'Web server and worker do not build; see above.',
      error instanceof Error ? error.message : String(error),
    )
  }
  for (const name of inThreads) writeFileSync(path.join(outdir, `${name}.cjs`), loadsInThread(`./${name}.mjs`))
  writeFileSync(stamp, hash)
}

/** @param {string} hash @param {import('./processes.mjs').Environment} env */
export async function buildWeb(hash, env) {
  if (isBuilt(webStamp, hash) && existsSync(inRoot('.next/BUILD_ID'))) return
  await step('Building the dashboard', async () => {
    rmSync(webStamp, { force: true })
    const { code, output } = await run(process.execPath, [inRoot('node_modules/next/dist/bin/next'), 'build'], {
      cwd: root,
      env: { ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    })
    if (code !== 0) throw new Refusal('The dashboard does not build; see above.', tail(output, 60))
    writeFileSync(webStamp, hash)
  })
}

/** @param {string} stamp @param {string} hash */
function isBuilt(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
}
