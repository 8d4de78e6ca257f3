import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimJobs, dispatchJobs, registerWorker, type Claimed } from '@/server/engine'
import { openApi, reasonOf } from '@/testing/api'

// What each role sees of workers, and who may drain one.

const { services, world, api, close } = await openApi()
const worker = { id: uuidv7(), host: 'rack-7', pid: 4711, isolatedSlots: 4, inlineSlots: 100 }

beforeAll(() => registerWorker(services.db, worker))
afterAll(close)

/** Submits a job of an organization and lets this worker claim it, so that it is running. */
async function running(name: 'acme' | 'globex'): Promise<Claimed> {
  const job = await api.mutate(
    'jobs.submit',
    { organizationId: world[name], jobType: 'test.noop', dedupe: false },
    { key: world.keys[`${name}.OPERATOR`] },
  )
  const dispatched = await dispatchJobs(services.db, 'INLINE', 100)
  return (await claimJobs(services.db, worker.id, dispatched)).find(({ jobId }) => jobId === job.data.id)!
}

describe('metrics.workers', () => {
  it('everybody sees all workers, but only the running jobs of their own organization', async () => {
    const [ours, theirs] = [await running('acme'), await running('globex')]
    // Until now this file has one worker.
    const see = async (who: string, input: object = {}) =>
      (await api.query('metrics.workers', input, { key: world.keys[who] })).data.items[0]
    const common = {
      id: worker.id,
      state: 'ALIVE',
      slots: { isolated: 4, inline: 100 },
      drainingAt: null,
      stoppedAt: null,
      startedAt: expect.stringMatching(/Z$/),
      lastSeenAt: expect.stringMatching(/Z$/),
    }
    const shown = ({ jobId, organizationId }: Claimed) => ({
      jobId,
      organizationId,
      jobType: 'test.noop',
      attempt: 1,
      queue: 'INLINE',
      progress: 0,
      startedAt: expect.stringMatching(/Z$/),
    })
    expect(await see('acme.VIEWER')).toMatchObject({
      ...common,
      host: null,
      pid: null,
      counts: { isolated: 0, inline: 1 },
      running: [shown(ours)],
    })
    expect(await see('globex.ADMIN')).toMatchObject({
      ...common,
      host: null,
      pid: null,
      counts: { isolated: 0, inline: 1 },
      running: [shown(theirs)],
    })
    expect(await see('root')).toMatchObject({
      ...common,
      host: 'rack-7',
      pid: 4711,
      counts: { isolated: 0, inline: 2 },
      running: [shown(ours), shown(theirs)],
    })
    // Everybody sees how many slots are taken, but not what a system admin sees of the worker.
    expect(await see('acme.VIEWER')).toMatchObject({
      busy: { isolated: 0, inline: 2 },
      memory: null,
      drainReason: null,
    })
    expect(await see('root', { organizationId: world.globex })).toMatchObject({
      counts: { inline: 1 },
      running: [{ jobId: theirs.jobId }],
    })
    expect(
      (await api.query('metrics.workers', { organizationId: world.globex }, { key: world.keys['acme.ADMIN'] })).error
        .data.reason,
    ).toBe('NOT_FOUND')
  })

  it('the list of workers has pages; workers that are alive come first, and one that was last seen a day ago is left out', async () => {
    const others = { lost: uuidv7(), stopped: uuidv7(), old: uuidv7() }
    for (const id of Object.values(others)) await registerWorker(services.db, { ...worker, id })
    await services.db
      .$executeRaw`UPDATE workers SET last_seen_at = clock_timestamp() - interval '20 seconds' WHERE id = ${others.lost}::uuid`
    await services.db.$executeRaw`UPDATE workers SET stopped_at = clock_timestamp() WHERE id = ${others.stopped}::uuid`
    await services.db
      .$executeRaw`UPDATE workers SET last_seen_at = clock_timestamp() - interval '1 day' WHERE id = ${others.old}::uuid`
    const states: [string, string][] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: { items: { id: string; state: string }[]; nextCursor: string | null; gone: number } = (
        await api.query('metrics.workers', { limit: 1, cursor }, { key: world.keys.root })
      ).data
      // The lost one and the stopped one. The one of yesterday is not counted.
      expect(page.gone).toBe(2)
      states.push(...page.items.map(({ id, state }): [string, string] => [id, state]))
      cursor = page.nextCursor
    }
    expect(states).toEqual([
      [worker.id, 'ALIVE'],
      [others.stopped, 'STOPPED'],
      [others.lost, 'LOST'],
    ])
    expect((await api.query('metrics.workers', { cursor: 'x' }, { key: world.keys.root })).error.data).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'cursor' }],
    })
  })
})

describe('workers.drain', () => {
  it('a system admin drains a worker, and the audit records it once; an ADMIN may not, and an unknown worker is refused', async () => {
    const drain = (who: string, input: object) => api.mutate('workers.drain', input, { key: world.keys[who] })
    expect(await reasonOf(drain('acme.ADMIN', { workerId: worker.id }))).toBe('NOT_PERMITTED')
    expect(await reasonOf(drain('root', { workerId: uuidv7() }))).toBe('NOT_FOUND')
    expect(await reasonOf(drain('root', { workerId: 'x' }))).toBe('INVALID_INPUT')
    const drained = await drain('root', { workerId: worker.id, reason: 'new kernel' })
    expect(drained.data).toMatchObject({
      id: worker.id,
      host: 'rack-7',
      state: 'DRAINING',
      drainingAt: expect.stringMatching(/Z$/),
    })
    const again = await drain('root', { workerId: worker.id })
    expect(again.data.drainingAt).toBe(drained.data.drainingAt)
    expect(await services.db.auditEvent.findMany({ where: { action: 'worker.drain' } })).toMatchObject([
      { targetId: worker.id, reason: 'new kernel', actorType: 'KEY' },
    ])
  })
})
