import { readdirSync } from 'node:fs'
import { inRoot } from './paths.mjs'

/**
 * Puts a list of imports in the place of worker/catalog/shipped.ts, which looks for the handlers when it is loaded: a
 * bundle has no folder to look into.
 * @type {import('esbuild').Plugin}
 */
export const shippedHandlers = {
  name: 'shipped-handlers',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]worker[\\/]catalog[\\/]shipped\.ts$/ }, () => {
      // The same files as in worker/catalog/shipped.ts.
      const files = readdirSync(inRoot('worker/handlers')).filter((name) =>
        /^(?!.*\.(?:test|d)\.ts$).*\.ts$/.test(name),
      )
      // `sort` sorts `files` itself, so the numbers below are the same.
      const lines = files.sort().map((name, n) => `import handler${n} from '../handlers/${name}'`)
      const list = files.map((_, n) => `handler${n}`).join(', ')
      return {
        contents: `${lines.join('\n')}\nexport const SHIPPED = [${list}]\n`,
        resolveDir: inRoot('worker/catalog'),
      }
    })
  },
}
