import { expect, it } from 'vitest'
import type { DbOrTx } from '@/server/db'
import type { EngineError } from '../domain/errors'
import type { Json } from '../domain/types'
import { ParameterChecks, withParameterChecks, type Wanted } from './parameter-checks'

const field = (schema: Json): Json => ({ type: 'object', properties: { a: schema } })
const jobs = (count: number, schema: Json, a: Json): Wanted[] =>
  Array.from({ length: count }, (_, n) => ({
    key: String(n),
    organizationId: 'a',
    given: { a },
    schema,
    at: `jobs[${n}].`,
  }))
/** What the checks look for in a connection that is not inside a transaction, so that they may run it again. */
const client = { $connect: () => undefined, $transaction: () => undefined } as unknown as DbOrTx
/** How many jobs of a call are left to the threads. */
async function leftToThreads(wanted: Wanted[]): Promise<number> {
  try {
    await new ParameterChecks(false).accept(wanted)
    return 0
  } catch (error) {
    return (error as { pending: unknown[] }).pending.length
  }
}

it.each([
  ['many letters in any order', '(?:a|b)*a(?:a|b){900}$', 'ab'.repeat(400)],
  ['many optional letters', '^(?:(a?)(a?)(a?)(a?)){0,200}$', `${'a'.repeat(4_950)}!`],
  ['many classes', '(?:[ab]|[bc]|[cd]){300}x', 'abcd'.repeat(500)],
])('a job whose pattern looks for %s in a long text is left to a thread', async (_, pattern, a) => {
  expect(await leftToThreads(jobs(1, field({ pattern }), a))).toBe(1)
})

it('a call may do so much at once over all its jobs; the rest is left to threads', async () => {
  // Each of them alone is little enough.
  const hard = field({ pattern: '(a|b)+(c|d)+(e|f)+' })
  expect(await leftToThreads(jobs(1, hard, `${'ab'.repeat(200)}ce`))).toBe(0)
  expect(await leftToThreads(jobs(300, hard, `${'ab'.repeat(200)}ce`))).toBeGreaterThan(200)
})

it('a thousand ordinary jobs of one call are checked at once', async () => {
  const schema: Json = {
    type: 'object',
    required: ['id', 'to'],
    additionalProperties: false,
    properties: {
      a: {},
      id: { type: 'string', pattern: '^[0-9a-f]{24}$' },
      to: { type: 'string', format: 'email', maxLength: 200 },
      lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' }, n: { minimum: 1 } } } },
    },
  }
  const given = { id: '0123456789abcdef01234567', to: 'name@example.com', lines: [{ sku: 'x', n: 1 }] }
  expect(await leftToThreads(jobs(1_000, schema, null).map((job) => ({ ...job, given })))).toBe(0)
})

// Below, a pattern with a lookahead (`(?!b)`) is always left to a thread: the engine that takes linear time has none.
it('what was found right in the first round is not looked at again in the second', async () => {
  let reads = 0
  const given = {
    get a() {
      reads++
      return 'x'
    },
  }
  const quick: Wanted = { key: 'quick', organizationId: 'a', given, schema: field({}), at: '' }
  const slow = jobs(1, field({ pattern: '^(?!b)' }), 'a')
  await withParameterChecks(client, (checks) => checks.accept([quick, ...slow]))
  expect(reads).toBe(1)
})

it('a call of many jobs names the one whose parameters do not fit', async () => {
  const refused = await new ParameterChecks(true)
    .accept([...jobs(1, field({ pattern: '^(?!b)' }), 'a'), ...jobs(2, field({ type: 'string' }), 1).slice(1)])
    .catch((error: EngineError) => error.data.fields)
  expect(refused).toEqual([{ path: 'jobs[1].parameters.a', message: 'must be a string, not a number' }])
})

it('a value that somebody else changed between two rounds is checked and stored as it is now', async () => {
  const [wanted] = jobs(1, field({ pattern: '^(?!b)' }), 'as it was')
  let round = 0
  const stored = await withParameterChecks(client, (checks) => {
    round++
    // As a row that is read anew in each round: the same key, and another object.
    return checks.accept([{ ...wanted!, given: { a: round === 1 ? 'as it was' : 'as it is now' } }])
  })
  expect(stored.map(({ parameters }) => parameters)).toEqual([{ a: 'as it is now' }])
})
