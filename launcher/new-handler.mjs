import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { handlerFiles } from './handlers.mjs'
import { handlersFolder, inRoot } from './paths.mjs'
import { Refusal } from './say.mjs'

const usage = 'npm run new:handler NAME, such as invoice.render'

/**
 * Makes the file of a new handler and its test, and around the first one what a folder of handlers needs.
 * @param {string[]} args
 * @returns {string[]} the files that were made: relative to the current folder where they lie in it, else with their
 *   whole path
 */
export function newHandler([name = '', ...more]) {
  if (name === '' || more.length > 0) throw new Refusal(`Name one handler: ${usage}`)
  // The first pattern is that of server/engine/domain/name-forms.ts, which plain JavaScript cannot import. The second
  // refuses a name such as x.test or x.d: its file x.test.ts would not count as a handler (`handlerFiles`). It
  // also refuses the ending of a file.
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) || /\.(?:test|spec|config|d|[cm]?[jt]s)$/.test(name))
    throw new Refusal(
      `"${name}" cannot be the name of a handler: a-z or 0-9 first, then up to 99 of a-z, 0-9, ".", "_", "-", without the ending of a file.`,
    )
  if (existsSync(inRoot('worker/handlers', `${name}.ts`)))
    throw new Refusal(`"${name}" is the name of a handler that ships with Jobyard. Choose another.`)
  const folder = handlersFolder()
  const taken = [...handlerFiles(folder), ...testFiles(folder)].find(
    (file) => file.replace(/(?:\.test)?\.[cm]?[jt]s$/, '') === name,
  )
  if (taken) throw new Refusal(`${path.join(folder, taken)} exists already. Choose another name.`)

  mkdirSync(folder, { recursive: true })
  const made = []
  for (const [file, content] of Object.entries({ ...surroundings(folder), ...files(name) })) {
    const full = path.join(folder, file)
    if (existsSync(full)) continue
    writeFileSync(full, content)
    made.push(asShown(full))
  }
  return made
}

/** @param {string} file */
function asShown(file) {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') ? file : relative
}

/** @param {string} folder */
const testFiles = (folder) =>
  existsSync(folder) ? readdirSync(folder).filter((file) => /\.test\.[cm]?[jt]s$/.test(file)) : []

/**
 * What lies beside the handlers: packages of their own, and what tells an editor where types are. A folder outside of
 * this repository may be a repository of its own, so it also ignores node_modules.
 * @param {string} folder
 */
function surroundings(folder) {
  const base = path.relative(folder, inRoot('worker/handler/tsconfig.json'))
  return {
    'package.json': `${JSON.stringify({ name: 'my-handlers', private: true, type: 'module', dependencies: {} }, null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({ extends: base, include: ['**/*.ts', '**/*.mts'] }, null, 2)}\n`,
    '.gitignore': 'node_modules/\n',
  }
}

/** @param {string} name */
function files(name) {
  const words = name.replace(/[._-]+/g, ' ').trim()
  return {
    [`${name}.ts`]: `import { defineHandler, z } from '@jobyard/handler'

export default defineHandler({
  key: '${name}',
  isolated: true, // a thread of its own, which can be ended; false: the worker's thread, for short I/O only
  schema: z.strictObject({
    name: z.string().min(1).max(100).default('world').meta({ title: 'Name' }),
  }),
  jobType: {
    displayName: '${words.charAt(0).toUpperCase()}${words.slice(1)}',
    description: 'Says hello.',
    timeoutSeconds: 60,
  },
  async run({ name }, ctx) {
    ctx.log.info(\`Saying hello to \${name}\`)
    ctx.progress(50, 'Half way')
    ctx.signal.throwIfAborted() // canceled, timed out, shutting down
    return { hello: name }
  },
})
`,
    [`${name}.test.ts`]: `import { expect, test } from 'vitest'
import { testHandler } from '@jobyard/handler/testing'
import handler from './${name}.ts'

test('somebody is greeted by name', async () => {
  const run = await testHandler(handler, { name: 'Ada' })
  expect(run).toMatchObject({ status: 'COMPLETED', result: { hello: 'Ada' } })
  expect(run.progress).toEqual([{ percent: 50, message: 'Half way' }])
})

test('a job without a name in it is refused', async () => {
  const run = await testHandler(handler, { name: '' })
  expect(run.status).toBe('REFUSED')
})
`,
  }
}
