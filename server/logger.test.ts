import { expect, it } from 'vitest'
import { createRootLogger } from './logger'

function recording() {
  const lines: string[] = []
  return { logger: createRootLogger('trace', { write: (line) => void lines.push(line) }), text: () => lines.join('') }
}

it('the log hides secrets under their name, two levels deep', () => {
  const { logger, text } = recording()
  logger.info(
    {
      password: 'hunter2',
      request: { headers: { cookie: 'hunter2', authorization: 'hunter2' }, parameters: { a: 'hunter2' } },
    },
    'a call',
  )
  logger.child({ part: 'x', token: 'hunter2' }).warn({ apiKey: 'hunter2' }, 'another')
  expect(text()).not.toContain('hunter2')
  expect(text()).toContain('a call')
})

it('the log hides keys, sessions and passwords of addresses wherever they stand', () => {
  const { logger, text } = recording()
  const key = `jy_live_${'aB3'.repeat(14)}`
  const token = `eyJhbGciOiJkaXIi${'x'.repeat(20)}..abc.def-ghi_jkl.mno`
  logger.error({ url: `https://x.example/?key=${key}`, note: [`Authorization: Bearer ${key}`] }, `refused ${key}`)
  logger.error(`Cookie: a=b; __Secure-next-auth.session-token=${token}; next-auth.csrf-token=abc%7Cdef`)
  logger.error(
    { err: new Error(`cannot reach postgresql://jobyard:hunter2@db:5432/x with bearer ${token}`) },
    'database',
  )
  for (const secret of [key.slice(8), token, 'abc.def', 'hunter2', 'abc%7Cdef']) expect(text()).not.toContain(secret)
  expect(text()).toContain('jy_live_[redacted]')
  expect(text()).toContain('postgresql://jobyard:[redacted]@db:5432/x')
  for (const line of text().trim().split('\n')) expect(() => void JSON.parse(line)).not.toThrow()
})

it('the log says of an error what happened and where, and not what else it carries', () => {
  const { logger, text } = recording()
  const row = Object.assign(new Error('violates check constraint'), {
    code: '23514',
    detail: 'Failing row contains (hunter2)',
    parameters: ['hunter2'],
  })
  const call = Object.assign(
    new Error(
      '\nInvalid `db.user.create()` invocation:\n\n{ data: { passwordHash: "hunter2" } }\n\nArgument `id` is missing.',
    ),
    { name: 'PrismaClientValidationError' },
  )
  logger.error({ err: new Error('outer', { cause: row }) }, 'a')
  logger.error({ err: call }, 'b')
  logger.error({ err: 'thrown' }, 'c')
  expect(text()).not.toContain('hunter2')
  const [outer, prisma, thrown] = text()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { err: unknown }).err)
  expect(outer).toMatchObject({
    type: 'Error',
    message: 'outer',
    stack: expect.stringContaining('logger.test.ts') as string,
    cause: { message: 'violates check constraint', code: '23514' },
  })
  expect(prisma).toMatchObject({ type: 'PrismaClientValidationError', message: 'Argument `id` is missing.' })
  expect(thrown).toBe('thrown')
})
