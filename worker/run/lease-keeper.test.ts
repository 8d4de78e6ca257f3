import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import type { Claimed } from '@/server/engine'
import { Attempt } from './attempt'
import { LeaseKeeper } from './lease-keeper'

const attempts: Attempt[] = []
afterEach(() => attempts.splice(0).forEach((attempt) => attempt.end()))

/** An attempt that touches neither database nor files. */
function attempt(number: number): Attempt {
  const claimed = { jobId: '0199b2c0-0000-7000-8000-000000000001', attempt: number, timeoutSeconds: 60 } as Claimed
  const made = new Attempt(claimed, performance.now(), {} as never, {} as never, {} as never)
  attempts.push(made)
  return made
}
const keeper = () =>
  new LeaseKeeper({
    db: {} as never,
    workerId: '',
    logger: pino({ level: 'silent' }),
    onOutlived: () => undefined,
    onDrain: () => undefined,
  })

test('an attempt is stopped when somebody else wrote its end, and a later attempt of the job is not', () => {
  const leases = keeper()
  const [first, second] = [attempt(1), attempt(2)]
  leases.hold(first)
  leases.ended(first.claimed.jobId, 1)
  expect(first.stopped).toBe('lost')
  leases.hold(second)
  leases.ended(first.claimed.jobId, 1)
  expect(second.stopped).toBeUndefined()
})

test('the earlier attempt of a job is stopped when this worker claims the job again', () => {
  const leases = keeper()
  const [first, second] = [attempt(1), attempt(2)]
  leases.hold(first)
  leases.hold(second)
  expect([first.stopped, second.stopped]).toEqual(['lost', undefined])
  leases.release(first)
  expect(leases.attempts).toEqual([second])
})
