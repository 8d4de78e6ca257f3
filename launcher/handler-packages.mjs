import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot } from './paths.mjs'

const authoring = '@jobyard/handler'
/** Marks a question that this plugin itself asks esbuild, so that it does not ask once more. */
const resolved = Symbol('resolved')

/**
 * Where a handler's imports lead. `@jobyard/handler` is built into it. A package is taken from where the importing file
 * finds it. What lies in a node_modules stays outside of the build, so that it keeps its own files and native parts.
 * @param {string} folder the folder of the handlers
 * @returns {import('esbuild').Plugin}
 */
export function handlerPackages(folder) {
  return {
    name: 'handler-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path: wanted, importer, resolveDir, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === resolved) return undefined
        if (isBuiltin(wanted)) return { path: wanted, external: true }
        if (wanted === authoring) return { path: inRoot('worker/handler/index.ts') }
        if (wanted === `${authoring}/testing`)
          return refuse('@jobyard/handler/testing is for tests: import it in a file that ends in .test.ts')
        // `@jobyard/handler` is Jobyard's own, so its files may import others of Jobyard.
        if (wanted.startsWith('@/') && !importer.startsWith(inRoot('worker/handler')))
          return refuse(`"${wanted}" belongs to Jobyard: a handler gets what it needs from ctx and from ${authoring}`)
        const found = await build.resolve(wanted, { importer, resolveDir, kind, pluginData: resolved })
        if (found.errors.length > 0) return refuse(unresolved(wanted, resolveDir, folder, found.errors))
        // What a path of the tsconfig or a linked package leads to is the author's own, and is built in. So is JSON:
        // from outside, Node.js would want an import attribute for it.
        if (!found.path.includes(`${path.sep}node_modules${path.sep}`) || found.path.endsWith('.json'))
          return { path: found.path }
        // `import` takes a URL, `require` only a path.
        return { path: kind === 'require-call' ? found.path : pathToFileURL(found.path).href, external: true }
      })
    },
  }
}

/** @param {string} text */
const refuse = (text) => ({ errors: [{ text }] })

/**
 * Why an import leads nowhere: its package is not installed, the package has no such part, or it is no name of a package.
 * @param {string} wanted
 * @param {string} from the folder of the file that imports it
 * @param {string} folder the folder of the handlers
 * @param {import('esbuild').Message[]} errors
 */
function unresolved(wanted, from, folder, errors) {
  const name = wanted.split('/', wanted.startsWith('@') ? 2 : 1).join('/')
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/i.test(name))
    return `"${wanted}" is no name of a package, and no path of a tsconfig.json in ${folder} leads to it`
  if (!isInstalled(name, from))
    return `the package "${name}" is not installed: run \`npm install ${name}\` in ${folder}`
  const said = errors.flatMap(({ text, notes }) => [text, ...notes.map((note) => note.text)]).join(' ')
  return `the package "${name}" is installed, and has no "${wanted}": ${said}`
}

/** Whether a file in the folder `from` finds the package. @param {string} name @param {string} from */
function isInstalled(name, from) {
  for (let at = from; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, 'node_modules', name))) return true
    if (at === path.dirname(at)) return false
  }
}
