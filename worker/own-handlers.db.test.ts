import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { changeJobType, getJobType, listWorkers, withDifferences } from '@/server/engine'
import { buildHandlers } from '@/launcher/handlers.mjs'
import { inspect } from '@/launcher/handlers-inspect.mjs'
import { ensureHandlerDependencies } from '@/launcher/handlers-install.mjs'
import { tester } from '@/testing/engine'
import { handlersReloader } from './reload-handlers'
import { createStage, within, type Stage } from './stage.fixture'

// Handlers in a folder outside of the repository, with a package of npm, run by real worker processes.

let stage: Stage
let folder: string

const write = (file: string, content: string) => writeFile(path.join(folder, file), content)
const build = () =>
  buildHandlers(process.env.TEST_DIST_DIR!, { folder, home: path.join(stage.folder, 'built'), silent: true })

const wordsHandler = (jobType: string) => `
  import ms from 'ms'
  import { defineHandler, z } from '@jobyard/handler'
  import { split } from './parts/split'

  export default defineHandler({
    key: 'own.words',
    isolated: true,
    schema: z.strictObject({ text: z.string().min(1), every: z.string().default('1m') }),
    jobType: ${jobType},
    async run({ text, every }, ctx) {
      const words: string[] = split(text)
      ctx.log.info(\`\${words.length} words every \${ms(every)} ms\`)
      await ctx.artifact('words.txt', Buffer.from(words.join('\\n')), 'text/plain')
      return { words: words.length, every: ms(every) }
    },
  })`

beforeAll(async () => {
  stage = await createStage()
  folder = await mkdtemp(path.join(tmpdir(), 'somebodys-handlers-'))
  await mkdir(path.join(folder, 'parts'))
  await write('package.json', JSON.stringify({ private: true, type: 'module', dependencies: { ms: '2.1.3' } }))
  await write(
    'parts/split.ts',
    `import { byBlanks } from './blanks.cjs'\nexport const split = (text: string) => byBlanks(text)`,
  )
  // CommonJS that requires a package and a module of Node.js.
  await write(
    'parts/blanks.cjs',
    `const ms = require('ms'); const path = require('path')
     exports.byBlanks = (text) => (ms('1s') === 1000 && path.sep ? text.split(/\\s+/) : [])`,
  )
  await write('words.ts', wordsHandler(`{ displayName: 'Words', timeoutSeconds: 60 }`))
  await write(
    'greet.mjs',
    `import { defineHandler, z, PermanentError } from '@jobyard/handler'
     export default defineHandler({
       key: 'own.greet', isolated: false, schema: z.strictObject({ name: z.string() }), jobType: {},
       async run({ name }) { if (name === 'nobody') throw new PermanentError('nobody is here'); return { hello: name } },
     })`,
  )
  await write('words.test.ts', 'this is not a handler, and no TypeScript')
  await write('broken.ts', 'export default {')
  await write('thrower.ts', `throw new Error('no config here')`)
  await write('leaver.js', `process.exit(3)`)
  await write('part.ts', `import 'ms/no-such-part'`)
  await write('alias.ts', `import '~/lib/words'`)
  await write('shapeless.ts', `export const handler = 1`)
  await write('lacking.ts', `import x from 'no-such-package-of-anybody'; export default x`)
  await write('inside.ts', `import { createDb } from '@/server/db'; export default createDb`)
  await write('greet-again.ts', `import greet from './greet.mjs'; export default greet`)
  await write(
    'shipped.ts',
    `import { defineHandler, z } from '@jobyard/handler'
     export default defineHandler({ key: 'sample.noop', isolated: false, schema: z.looseObject({}), run: async () => 1 })`,
  )
  await ensureHandlerDependencies(folder)
})
afterAll(async () => {
  await stage?.close()
  await rm(folder, { recursive: true, force: true })
})

test('handlers outside of the repository run with their package, and each broken file beside them stops only itself', async () => {
  const built = await build()
  expect(Object.fromEntries(built.problems.map(({ file, message }) => [file, message]))).toEqual({
    'broken.ts': expect.stringMatching(/^does not build: broken\.ts:1:\d+: /) as string,
    'thrower.ts': 'does not load: no config here',
    'leaver.js': expect.stringContaining('ends the process that loads it') as string,
    'shapeless.ts': 'exports no handler: end it with `export default defineHandler({ … })`',
    'lacking.ts': expect.stringContaining(
      `the package "no-such-package-of-anybody" is not installed: run \`npm install no-such-package-of-anybody\` in ${folder}`,
    ) as string,
    'part.ts': expect.stringContaining('the package "ms" is installed, and has no "ms/no-such-part"') as string,
    'alias.ts': expect.stringContaining('"~/lib/words" is no name of a package') as string,
    'inside.ts': expect.stringContaining('"@/server/db" belongs to Jobyard') as string,
    'greet.mjs': 'has the key "own.greet", as greet-again.ts has: give one of them another key',
    'shipped.ts': expect.stringContaining('has the key "sample.noop" of a handler that ships') as string,
  })
  stage.start(undefined, {}, { args: [`--handlers=${built.folder}`] })
  await vi.waitFor(async () => expect(await getJobType(stage.db, 'own.words')).not.toBeNull(), within(20))

  const words = await stage.submit({ jobType: 'own.words', parameters: { text: 'one two three', every: '2h' } })
  const greeting = await stage.submit({ jobType: 'own.greet', parameters: { name: 'Ada' } })
  const failing = await stage.submit({ jobType: 'own.greet', parameters: { name: 'nobody' } })
  await stage.completed([words.id, greeting.id])
  expect(await stage.job(words.id)).toMatchObject({
    result: { words: 3, every: 7_200_000 },
    artifacts: [{ name: 'words.txt', size: 13 }],
  })
  expect((await stage.job(greeting.id)).result).toEqual({ hello: 'Ada' })
  await stage.reached(failing.id, 'DEAD_LETTER')
  expect((await stage.job(failing.id)).error).toMatchObject({ class: 'PERMANENT', message: 'nobody is here' })

  const { items } = await listWorkers(stage.db, { limit: 10, machines: true }, { all: true })
  expect(items[0]?.handlerProblems?.map(({ file }) => file)).toContain('broken.ts')
  const others = await listWorkers(stage.db, { limit: 10, machines: false }, { all: true })
  expect(others.items[0]?.handlerProblems).toBeNull()
  await stage.clear()
})

test('a handler loads beside slow ones, and one that blocks for ever is named in its own place', async () => {
  const slow = await mkdtemp(path.join(tmpdir(), 'slow-handlers-'))
  const names = ['a.mjs', 'b.mjs', 'c.mjs', 'd-blocks.mjs', 'e.mjs']
  const blocking = (ms: number) => `for (const until = Date.now() + ${ms}; Date.now() < until; );`
  // Together the first three take longer than the time of one file.
  for (const name of names)
    await writeFile(path.join(slow, name), name.startsWith('d') ? 'for (;;);' : blocking(name === 'e.mjs' ? 0 : 1_600))
  try {
    const inspector = path.join(process.env.TEST_DIST_DIR!, 'inspect.mjs')
    const problems = await inspect(inspector, slow, names, 4_000)
    const noHandler = 'exports no handler: end it with `export default defineHandler({ … })`'
    expect(problems.map((one) => [one.file, 'problem' in one && one.problem])).toEqual([
      ...['a.mjs', 'b.mjs', 'c.mjs'].map((file) => [file, noHandler]),
      ['d-blocks.mjs', 'does not load: it takes longer than 4 s; begin work in run(), not when the file is loaded'],
      ['e.mjs', noHandler],
    ])
  } finally {
    await rm(slow, { recursive: true, force: true })
  }
}, 60_000)

test('what an admin set in a job type survives a restart and a new file, and what nobody set follows the file', async () => {
  await changeJobType(stage.db, { name: 'own.words', changes: { timeoutSeconds: 90 }, actor: tester, address: null })
  const first = stage.start(undefined, {}, { args: [`--handlers=${(await build()).folder}`] })
  await stage.completed([(await stage.submit({ jobType: 'own.words', parameters: { text: 'again' } })).id])
  await stage.kill(first)
  expect(await getJobType(stage.db, 'own.words')).toMatchObject({
    displayName: 'Words',
    timeoutSeconds: 90,
    version: 2,
  })

  await write('words.ts', wordsHandler(`{ displayName: 'Count words', timeoutSeconds: 120, maxRetries: 1 }`))
  stage.start(undefined, {}, { args: [`--handlers=${(await build()).folder}`] })
  await vi.waitFor(
    async () => expect(await getJobType(stage.db, 'own.words')).toMatchObject({ displayName: 'Count words' }),
    within(20),
  )
  const type = (await getJobType(stage.db, 'own.words'))!
  expect(type).toMatchObject({ timeoutSeconds: 90, maxRetries: 1, version: 3 })
  const [shown] = await withDifferences(stage.db, [type])
  expect(shown?.differs).toEqual([{ field: 'timeoutSeconds', present: 90, default: 120 }])
  await stage.clear()
})

// Six builds and starts of workers, one after the other, take a busy machine more than the usual minute.
test('an older worker that starts again beside a newer one leaves the job type as it is, gets it back when the newer is gone, and gives it up when the newer starts again', async () => {
  const buildOf = async (retries: number) => {
    await write('words.ts', wordsHandler(`{ displayName: 'With ${retries}', maxRetries: ${retries} }`))
    return { args: [`--handlers=${(await build()).folder}`] }
  }
  const [older, newer] = [await buildOf(2), await buildOf(3)]
  const type = async () => (await getJobType(stage.db, 'own.words'))!
  const follows = (retries: number) =>
    vi.waitFor(async () => expect(await type()).toMatchObject({ maxRetries: retries }), within(20))

  const first = stage.start(undefined, {}, older)
  await follows(2)
  const second = stage.start(undefined, {}, newer)
  await follows(3)
  const { version } = await type()
  await stage.kill(first, 'SIGTERM')
  const again = stage.start(undefined, {}, older)
  await vi.waitFor(
    async () => expect(await stage.db.worker.count({ where: { pid: again.pid, stoppedAt: null } })).toBe(1),
    within(20),
  )
  // Longer than a worker waits between two looks.
  await sleep(6_000)
  expect(await type()).toMatchObject({ displayName: 'With 3', maxRetries: 3, version })

  await stage.kill(second, 'SIGTERM')
  await follows(2)
  expect(await type()).toMatchObject({ displayName: 'With 2', version: version + 1 })

  const third = stage.start(undefined, {}, newer)
  await follows(3)
  expect(await type()).toMatchObject({ displayName: 'With 3', version: version + 2 })
  await stage.kill(third)
  await stage.kill(again)
  await stage.clear()
}, 180_000)

test('a worker that is told of builds in turn keeps the last that can be read, and says what is wrong with its files', async () => {
  const build = async (name: string, problems: object[]) => {
    const made = path.join(stage.folder, name)
    await mkdir(made)
    await writeFile(path.join(made, 'catalog.json'), JSON.stringify({ handlers: [], problems }))
    return made
  }
  const lines: { level: number; msg: string }[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) })
  const { items } = await listWorkers(stage.db, { limit: 1, machines: true }, { all: true })
  const { id } = items[0]!
  const tell = handlersReloader(Promise.resolve({ id }), stage.db, logger)
  const broken = { file: 'words.ts', message: 'does not build' }
  tell({ type: 'handlers', folder: await build('first', [broken]) })
  tell({ type: 'handlers', folder: await build('second', [{ ...broken, message: 'does not load' }]) })
  tell({ type: 'handlers', folder: path.join(stage.folder, 'nowhere') })
  await vi.waitFor(() => expect(lines).toHaveLength(3), within(10))
  // 50 is an error, 30 an ordinary line. The error comes first, because the other two lines wait for the database.
  expect(lines.map(({ level, msg }) => [level, msg.split(' and ')[0]])).toEqual([
    [50, 'the changed handlers cannot be read,'],
    [30, 'took the handlers that have changed'],
    [30, 'took the handlers that have changed'],
  ])
  const after = await listWorkers(stage.db, { limit: 10, machines: true }, { all: true })
  expect(after.items.find((worker) => worker.id === id)?.handlerProblems).toEqual([
    { ...broken, message: 'does not load' },
  ])
})
