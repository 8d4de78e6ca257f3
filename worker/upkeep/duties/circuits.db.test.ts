import { beforeEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running } from '@/testing/engine'
import type { DutyContext } from '../duty'
import { circuits } from './circuits'

const { db, world } = await openWorld({ max: 4 })

beforeEach(async () => {
  await clearJobs(db)
  await db.circuit.deleteMany()
})

/** The duty, with a clock that goes forward only where a test says so. */
function duty() {
  let seconds = 5_000
  const lines: string[] = []
  const logger = { warn: (_: object, text: string) => lines.push(text) } as unknown as DutyContext['logger']
  return {
    ...circuits({ db, logger } as DutyContext, () => seconds * 1000),
    lines,
    pass: (more: number) => void (seconds += more),
  }
}

/** Ten attempts that failed, so many seconds ago. Ten failures within 30 minutes are the fewest that open a circuit. */
async function tenFailed(ago: number) {
  for (let n = 0; n < 10; n++) await finish(world, ends.dead(await running(world)))
  await db.$executeRaw`UPDATE job_attempts SET ended_at = ended_at - ${ago} * interval '1 second'`
}
const states = async () => (await db.circuit.findMany()).map(({ state }) => state)

test('a worker that begins to lead opens the circuit of what failed while nobody led', async () => {
  await tenFailed(25 * 60)
  const { run, lines } = duty()
  expect(await run()).toMatchObject({ viewersLook: true })
  expect(await states()).toEqual(['OPEN'])
  expect(lines).toEqual(['a circuit opened: jobs of this type wait in this organization'])
})

test('what failed in a long pause between two runs opens the circuit, although nothing fails any more', async () => {
  const { run, pass } = duty()
  await run()
  await tenFailed(5 * 60)
  pass(10 * 60)
  await run()
  expect(await states()).toEqual(['OPEN'])
})

test('what failed before a run that broke off is looked at by the next run that does not', async () => {
  const { run, pass } = duty()
  await run()
  await db.$executeRaw`ALTER TABLE circuits RENAME TO circuits_away`
  pass(10 * 60)
  await expect(run()).rejects.toThrow()
  await db.$executeRaw`ALTER TABLE circuits_away RENAME TO circuits`
  await tenFailed(5 * 60)
  pass(1)
  await run()
  expect(await states()).toEqual(['OPEN'])
})

test('a run does not look again at what the run a second before has looked at', async () => {
  await tenFailed(5 * 60)
  const { run, pass } = duty()
  await run()
  await db.circuit.deleteMany()
  pass(1)
  await run()
  expect(await states()).toEqual([])
})
