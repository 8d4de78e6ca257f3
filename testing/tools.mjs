import { inRoot, readJson, root } from '../launcher/paths.mjs'
import { run } from '../launcher/processes.mjs'
import { toolFailure } from './outcome.mjs'

// The suites that read the code without running it. Each counts as one test. They run side by side (main.mjs).

/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {import('./workbench.mjs').Workbench} Workbench */

/** With fewer modules than this, the import rules have looked at nothing. That would otherwise count as passed. */
const fewestModules = 60

/** @param {Workbench} bench */
export const checkTypes = (bench) => tool(bench, 'typescript/bin/tsc', ['--noEmit', '-p', '.'])

/** @param {Workbench} bench */
export const lint = (bench) =>
  tool(bench, 'eslint/bin/eslint.js', [
    '.',
    '--max-warnings',
    '0',
    '--cache',
    '--cache-location',
    inRoot('node_modules/.cache/eslint/'),
  ])

/** Names the files that Prettier would format in another way. @param {Workbench} bench @returns {Promise<Outcome>} */
export async function checkFormat(bench) {
  const { code, output } = await node(bench, 'prettier/bin/prettier.cjs', [
    '.',
    '--list-different',
    // The cache is at Prettier's own place. A file where Prettier expects its folder makes every later `npm run format`
    // fail.
    '--cache',
  ])
  if (code === 0) return { passed: 1, failed: 0 }
  // With code 1 some files differ, and are listed. With any other code Prettier itself has failed, for example at a
  // syntax error.
  const found = code === 1 ? `${output.trim()}\n\`npm run format\` mends these files.` : output
  return { passed: 0, failed: 1, toLookAt: [toolFailure(found)] }
}

/**
 * The import rules over the folders that `npm run lint:imports` names.
 * @param {Workbench} bench
 * @returns {Promise<Outcome>}
 */
export async function checkImports(bench) {
  const [, ...args] = readJson(inRoot('package.json')).scripts['lint:imports'].split(' ')
  const { code, output } = await node(bench, 'dependency-cruiser/bin/dependency-cruise.mjs', args)
  const modules = Number(/(\d+) modules/.exec(output)?.[1] ?? 0)
  const note = modules < fewestModules ? `only ${modules} modules were looked at` : undefined
  return code === 0 && !note
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, note, toLookAt: [toolFailure(output)] }
}

/** @param {Workbench} bench @param {string} file @param {string[]} args @returns {Promise<Outcome>} */
async function tool(bench, file, args) {
  const { code, output } = await node(bench, file, args)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, toLookAt: [toolFailure(output)] }
}

/**
 * Runs a program of an installed package, and returns its output.
 * @param {Workbench} bench
 * @param {string} file below node_modules
 * @param {string[]} args
 * @param {import('../launcher/processes.mjs').Environment} [env] added to our own
 */
export async function node(bench, file, args, env = {}) {
  return run(process.execPath, [inRoot('node_modules', file), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    onLine: (line) => bench.say(line),
  })
}
