import { expect, test } from './test'
import { watch } from './watch'
import { foreign, home, uniqueWord, withKey, type HistoryItem, type Job, type Status } from './world'

const operator = withKey('OPERATOR')
const viewer = withKey('VIEWER')
const stranger = withKey('ADMIN', foreign)
const noop = () => ({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })

test.describe('a service watches', () => {
  const way: Status[] = ['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED']

  test('a service that watches gets every status of a job in order, and can go on from any event', async () => {
    const stream = await watch(viewer, { organizationId: home })
    const job = await operator.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 1200, progressSteps: 4, data: uniqueWord() },
    })
    const events = await stream.until((event) => event.jobId === job.id && event.toStatus === 'COMPLETED')
    stream.close()
    const mine = events.filter(({ jobId }) => jobId === job.id)
    const statuses = mine.filter(({ type }) => type === 'status')
    expect(statuses.map(({ toStatus }) => toStatus)).toEqual(way)
    expect(statuses.map(({ fromStatus }) => fromStatus)).toEqual([null, ...way.slice(0, 3)])
    expect(mine.some(({ type, progress }) => type === 'progress' && Number(progress) > 0)).toBe(true)
    const history = await viewer.history(job.id)
    expect(statuses.map(({ at }) => at)).toEqual(history.map(({ at }: HistoryItem) => at))

    // A service that goes on from an event gets exactly the events after it.
    for (const [i, { id }] of statuses.entries()) {
      const rest = way.slice(i + 1)
      const resumed = await watch(viewer, { organizationId: home, jobId: job.id, lastEventId: id })
      const later = rest.length > 0 ? await resumed.until((event) => event.toStatus === 'COMPLETED') : []
      resumed.close()
      expect(later.filter(({ type }) => type === 'status').map(({ toStatus }) => toStatus)).toEqual(rest)
    }
  })

  test('a service that watches a hundred jobs gets every event in order', async () => {
    const word = uniqueWord()
    const stream = await watch(viewer, { organizationId: home })
    const { data } = await operator.mutate<{ jobs: Job[] }>('jobs.submitMany', {
      organizationId: home,
      jobs: Array.from({ length: 100 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n } })),
    })
    const open = new Set(data.jobs.map(({ id }) => id))
    const seen = new Map<string, (Status | null)[]>(data.jobs.map(({ id }) => [id, []]))
    await stream.until(({ jobId, type, toStatus }) => {
      if (jobId && type === 'status') seen.get(jobId)?.push(toStatus)
      if (jobId && toStatus === 'COMPLETED') open.delete(jobId)
      return open.size === 0
    })
    stream.close()
    expect([...seen.values()]).toEqual(data.jobs.map(() => way))
  })

  test('a service that watches gets only events of its own organization, and gets a reset when the server does not know the place that it names', async () => {
    const abroad = await watch(stranger, { organizationId: foreign })
    const here = await operator.submit(noop())
    await operator.until(here.id, 'COMPLETED')
    const there = await stranger.submit(noop(), foreign)
    const events = await abroad.until((event) => event.jobId === there.id && event.toStatus === 'COMPLETED')
    abroad.close()
    expect(events.some(({ jobId }) => jobId === here.id)).toBe(false)

    const old = await watch(viewer, { organizationId: home, lastEventId: '0' })
    const [first] = await old.until(({ type }) => type === 'reset')
    old.close()
    expect(first?.type).toBe('reset')
  })
})
