import { ESLint } from 'eslint'
import { expect, test } from 'vitest'

/** The messages of the rule that keeps statements in the engine, for code that stands in this file. */
async function refusals(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath })
  expect(result!.messages.filter(({ fatal }) => fatal)).toEqual([])
  return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').map(({ message }) => message)
}
const eslint = new ESLint()

// Code in files whose names end with .mjs is checked without types, so the file need not exist.
test.each([
  'db.$queryRaw`SELECT 1`',
  'ctx.services.db.$executeRaw`SELECT 1`',
  'db.$queryRaw(Prisma.sql`SELECT 1`)',
  "services.db.$queryRawUnsafe('SELECT 1')",
  "tx.$executeRawUnsafe('SELECT 1')",
  'db.job.findMany({})',
  'services.db.job.findMany({})',
  'ctx.services.db.job.update({})',
  'this.options.hotDb.worker.count()',
])('a statement outside of the engine is refused: %s', async (code) => {
  for (const room of ['server/api/routers', 'server/telemetry', 'worker/run', 'cli', 'launcher'])
    expect(await refusals(`${room}/some.mjs`, code), room).toHaveLength(1)
  expect(await refusals('server/engine/store/some.mjs', code)).toEqual([])
})

test.each([
  'listJobs(ctx.services.db, filter)',
  'db.$transaction((tx) => submitJob(tx, job))',
  'this.options.db.$disconnect()',
])('a call that hands the client to the engine is not refused: %s', async (code) => {
  expect(await refusals('server/api/routers/some.mjs', code)).toEqual([])
})
