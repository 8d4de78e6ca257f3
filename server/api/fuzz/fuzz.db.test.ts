import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createJobTypes } from '@/testing/job-types'
import { createRootLogger } from '@/server/logger'
import { jobType } from '@/server/engine/domain/job-type-config'
import { openApi } from '@/testing/api'
import { callsOf, make, procedures, type Call, type Result } from './calls.fixture'
import { Known, MARKS, prepare, SECRET } from './known.fixture'
import { writeJson } from './damage.fixture'

// Calls every procedure of the router with inputs made from its schema, some of them broken. Every call must lead to an
// answer or to a refusal with a reason, and to nothing else. FUZZ_SEED repeats a run, as far as ids allow. FUZZ_CALLS
// makes it longer.

const CALLS = Number(process.env.FUZZ_CALLS ?? 1_000)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2_147_483_647)
/** How many calls of a procedure are made before the next procedure gets its turn. */
const TURN = 5
/** After this many calls `prepare` undoes what they have done, such as suspended organizations. */
const PREPARE_EVERY = 150

const known = new Known()
const log: string[] = []
const { services, world, close } = await openApi({
  log: createRootLogger('trace', { write: (line) => void log.push(line) }),
})

beforeAll(async () => {
  const schema = { type: 'object', properties: { key: { type: 'string', 'x-sensitive': true } } }
  await createJobTypes(services.db, [
    jobType({
      name: 'test.secret',
      displayName: 'Secret',
      description: '',
      handler: 'sample.noop',
      parameterSchema: schema,
    }),
  ])
  await prepare(services.db, world, known)
})
afterAll(close)

it(
  `${CALLS} calls, of which more than half are broken in some way, get answers without a 5xx and without details of the server (seed ${SEED})`,
  { timeout: 60_000 + CALLS * 200 },
  async () => {
    const outcomes = new Map<string, number>()
    const succeeded = new Set<string>()
    const faults: string[] = []
    let made = 0
    for (let turn = 0; made < CALLS; turn++) {
      for (const [index, procedure] of procedures.entries()) {
        if (made >= CALLS) break
        const calls = fc.sample(callsOf(procedure), {
          seed: SEED + 1_000 * turn + index,
          numRuns: Math.min(TURN, CALLS - made),
        })
        for (const call of calls) {
          if (made++ % PREPARE_EVERY === 0) await prepare(services.db, world, known)
          const result = await make(call, { services, world, known })
          outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1)
          if (result.outcome === 'ok') succeeded.add(procedure.path)
          for (const fault of [...result.faults, ...leaksIn(call, result)])
            faults.push(`${fault}: ${describeCall(call)}\n    → ${result.status} ${result.text.slice(0, 300)}`)
        }
      }
    }
    const table = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`)
    const never = procedures.map(({ path }) => path).filter((path) => !succeeded.has(path))
    process.stdout.write(
      `fuzz: ${made} calls of ${procedures.length} procedures, seed ${SEED}: ${table.join(', ')}; without success: ${never.join(', ') || 'none'}\n`,
    )

    const internal = log.filter((line) => line.includes('"level":"error"')).map((line) => line.slice(0, 1_500))
    expect(faults.slice(0, 15), [...faults.slice(0, 15), ...internal.slice(0, 5)].join('\n')).toEqual([])
    // Half of the inputs are broken, so there must be many answers and many refusals. Otherwise this test would not do
    // its work.
    expect(outcomes.get('ok') ?? 0).toBeGreaterThan(made / 10)
    expect(outcomes.get('INVALID_INPUT') ?? 0).toBeGreaterThan(made / 10)
    expect(made).toBeGreaterThanOrEqual(procedures.length)
  },
)

it('the broken calls left no secret in the log', () => {
  const text = log.join('')
  const secrets = [
    ...Object.values(world.keys),
    ...Object.values(world.cookies).map((cookie) => cookie.split('=')[1]!),
    SECRET,
  ]
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  expect(text).not.toMatch(API_KEY)
})

/**
 * Finds data of one organization in the answer to a member of the other, and sensitive values and API keys in answers
 * that may not have them. Sensitive values may be shown to callers who may submit jobs.
 */
function leaksIn({ who, procedure }: Call, { text }: Result): string[] {
  const own = who.startsWith('globex') ? 'globex' : 'acme'
  const other = own === 'acme' ? MARKS.globex : MARKS.acme
  const faults: string[] = []
  if (who !== 'root' && text.includes(other)) faults.push('another organization’s data')
  if (/VIEWER|nobody|broken/.test(who) && text.includes(SECRET)) faults.push('a sensitive value')
  if (procedure.path !== 'apiKeys.create' && API_KEY.test(text)) faults.push('an API key')
  return faults
}

const API_KEY = /jy_(?:live|demo)_[0-9A-Za-z]{20}/

const describeCall = ({ procedure, who, input, spoil, transport }: Call): string =>
  `${procedure.path} as ${who}, ${transport}${spoil ? `, text ${String(spoil).slice(0, 80)}` : ''}: ${writeJson(known.resolve(input)).slice(0, 400)}`
