import { describe, expect, it } from 'vitest'
import { MISSED_AFTER_MS, planRun, type Due } from './plan'
import { dueAt, jitterOf, nextTime, nextTimes, type Missed } from './recurrence'

const at = (text: string) => new Date(`2026-05-01T${text}Z`)
const due = (more: Partial<Due> = {}): Due => ({
  id: '01977a34-5d17-7e4a-8b30-2c9f6a1e8d75',
  cron: '*/10 * * * *',
  timeZone: 'UTC',
  startAt: null,
  endAt: null,
  missed: 'one',
  jitterSeconds: 0,
  nextRunAt: at('10:00:00'),
  ...more,
})

/**
 * Plans again and again until nothing is due, as the scheduler does. Returns the times of the runs, and how many were
 * passed over.
 */
function all(first: Due, now: Date): { runs: string[]; passed: number; next: string | null } {
  const runs: string[] = []
  let passed = 0
  let schedule: Due | null = first
  for (let rounds = 0; schedule && schedule.nextRunAt <= now; rounds++) {
    if (rounds > 3_000) throw new Error('it never ends')
    const plan = planRun(schedule, now)
    passed += plan.passed?.count ?? 0
    if (plan.run) runs.push(plan.run.toISOString().slice(11, 19))
    schedule = plan.next && { ...schedule, nextRunAt: plan.next }
  }
  return { runs, passed, next: schedule?.nextRunAt.toISOString().slice(11, 19) ?? null }
}

describe('a run that is met within a minute', () => {
  it.each<Missed>(['skip', 'one', { all: 1 }])('a run that is met within a minute runs under the rule %j', (missed) => {
    expect(all(due({ missed }), at('10:00:59'))).toEqual({ runs: ['10:00:00'], passed: 0, next: '10:10:00' })
  })
})

describe('runs that were missed', () => {
  const now = at('10:35:00')
  it('with "skip", none of the runs that were missed follows', () => {
    expect(all(due({ missed: 'skip' }), now)).toEqual({ runs: [], passed: 4, next: '10:40:00' })
  })
  it('with "one", the last run that was missed runs for all of them', () => {
    expect(all(due({ missed: 'one' }), now)).toEqual({ runs: ['10:30:00'], passed: 3, next: '10:40:00' })
  })
  it('with "one", a run that is met in time runs for all that were missed before', () => {
    expect(all(due({ missed: 'one' }), at('10:30:30'))).toEqual({ runs: ['10:30:00'], passed: 3, next: '10:40:00' })
  })
  it('with "all" and a number, that many of the last missed runs follow', () => {
    expect(all(due({ missed: { all: 2 } }), now)).toEqual({
      runs: ['10:20:00', '10:30:00'],
      passed: 2,
      next: '10:40:00',
    })
    expect(all(due({ missed: { all: 9 } }), now).runs).toHaveLength(4)
  })
  it('a schedule that is over by then makes up for what was planned before its end', () => {
    expect(all(due({ missed: { all: 9 }, endAt: at('10:20:00') }), now)).toEqual({
      runs: ['10:00:00', '10:10:00', '10:20:00'],
      passed: 0,
      next: null,
    })
  })
})

describe('a year in which nobody looked', () => {
  const now = new Date('2027-05-01T10:00:30Z')
  it.each<[Missed, number]>([
    ['skip', 61],
    ['one', 61],
    [{ all: 5 }, 66],
  ])(
    'of a schedule of every second, under %j, %i runs are submitted: those of the last minute are in time',
    (missed, count) => {
      const { runs } = all(due({ cron: '* * * * * *', missed }), now)
      expect(runs).toHaveLength(count)
      expect(runs.at(-1)).toBe('10:00:30')
    },
  )

  it('a year in which nobody looked is one entry of the history', () => {
    const plan = planRun(due({ cron: '* * * * * *' }), now)
    expect(plan).toMatchObject({
      passed: { atLeast: true, first: at('10:00:00'), last: new Date('2027-05-01T09:59:29Z') },
      run: new Date('2027-05-01T09:59:30Z'),
      next: new Date('2027-05-01T09:59:31Z'),
    })
  })
})

describe('a gap of more times than are looked at one by one', () => {
  /** What the rule for missed runs asks for, found by looking at every time that is due. */
  function expected(schedule: Due, now: Date): { run: Date | null; passed: Date[] } {
    const times: Date[] = []
    for (let at: Date | null = schedule.nextRunAt; at && dueAt(schedule, at) <= now; at = nextTime(schedule, at))
      times.push(at)
    const late = times.filter((at) => now.getTime() - dueAt(schedule, at).getTime() > MISSED_AFTER_MS)
    const inTime = times.slice(late.length)
    const { missed } = schedule
    const madeUp = missed === 'skip' ? 0 : missed === 'one' ? (inTime.length > 0 ? 0 : 1) : missed.all
    const [run = null] = times.slice(Math.max(0, late.length - madeUp))
    return { run, passed: run ? times.filter((at) => at < run) : times }
  }

  it.each<[Missed, number]>([
    [{ all: 1_000 }, 1_101],
    [{ all: 1_000 }, 1_500],
    [{ all: 1_000 }, 2_100],
    [{ all: 500 }, 1_600],
    [{ all: 5 }, 1_103],
    ['one', 1_101],
    ['one', 1_102],
    ['skip', 1_101],
  ])('under %j, after %i missed minutes, none runs that is older than the last ones', (missed, minutes) => {
    for (const jitterSeconds of [0, 45, 3_600])
      for (const endAt of [null, new Date(due().nextRunAt.getTime() + 1_200 * 60_000)])
        for (const seconds of [0, 30, 59]) {
          const schedule = due({ cron: '* * * * *', missed, jitterSeconds, endAt })
          const now = new Date(schedule.nextRunAt.getTime() + minutes * 60_000 + seconds * 1_000)
          const { run, passed } = expected(schedule, now)
          const plan = planRun(schedule, now)
          expect(plan.run).toEqual(run)
          expect(plan.passed).toMatchObject({ first: passed[0], last: passed.at(-1) })
          // After a longer gap only the first times are counted: MOST_TIMES of plan.ts and one more.
          expect(plan.passed!.count).toBe(Math.min(passed.length, plan.passed!.atLeast ? 1_101 : Infinity))
          expect(plan.next).toEqual(nextTime(schedule, run ?? passed.at(-1)!))
        }
  })
})

describe('jitter', () => {
  it('jitter is the same for the same run, differs from run to run, and stays within its bound', () => {
    const { id } = due()
    const times = nextTimes(due(), at('00:00:00'), 500)
    const spread = times.map((time) => jitterOf(id, time, 30))
    expect(times.map((time) => jitterOf(id, time, 30))).toEqual(spread)
    expect(new Set(spread).size).toBeGreaterThan(450)
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...spread)).toBeLessThan(30_000)
    expect(jitterOf(id, times[0]!, 0)).toBe(0)
  })

  it('a run is not due before its jitter is over, and is not missed because of it', () => {
    const schedule = due({ jitterSeconds: 600, missed: 'skip' })
    const jitter = jitterOf(schedule.id, schedule.nextRunAt, 600)
    const dueAt = schedule.nextRunAt.getTime() + jitter
    expect(planRun(schedule, new Date(dueAt - 1))).toMatchObject({ run: null, passed: null })
    expect(planRun(schedule, new Date(dueAt)).run).toEqual(schedule.nextRunAt)
    expect(planRun(schedule, new Date(dueAt + 59_000)).run).toEqual(schedule.nextRunAt)
  })

  it.each([
    ['*/10 * * * * *', 3_600],
    ['*/30 * * * * *', 120],
    ['* * * * *', 600],
    ['*/10 * * * *', 3_600],
    ['0 * * * *', 3_600],
  ])(
    'with a spread as long as several runs, each run of %s comes once, in order, and none is missed',
    (cron, jitter) => {
      for (const missed of ['skip', 'one', { all: 5 }] satisfies Missed[]) {
        const runs: Date[] = []
        let schedule = due({ cron, missed, jitterSeconds: jitter })
        const end = schedule.nextRunAt.getTime() + 6 * 3_600_000
        for (let rounds = 0; schedule.nextRunAt.getTime() < end; rounds++) {
          if (rounds > 3_000) throw new Error('it never ends')
          // The scheduler looks every second.
          const now = new Date(Math.ceil(dueAt(schedule, schedule.nextRunAt).getTime() / 1000) * 1000)
          const plan = planRun(schedule, now)
          expect(plan.passed).toBeNull()
          if (plan.run) runs.push(plan.run)
          schedule = { ...schedule, nextRunAt: plan.next! }
        }
        const planned = nextTimes(due({ cron }), new Date(due().nextRunAt.getTime() - 1), runs.length)
        expect(runs).toEqual(planned)
      }
    },
  )
})

it('start and end are part of the time in which a schedule runs', () => {
  const bounds = { startAt: at('10:20:00'), endAt: at('10:40:00') }
  const times = nextTimes(due(bounds), at('00:00:00'), 9)
  expect(times.map((time) => time.toISOString().slice(11, 16))).toEqual(['10:20', '10:30', '10:40'])
  expect(nextTime(due(bounds), at('10:40:00'))).toBeNull()
})
