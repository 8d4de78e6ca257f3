import pg from 'pg'
import { createJobyardClient, isFinal, type JobEvent, type JobStatus } from '../client/index'
import { startProxy } from './cutting-proxy'
import { expect, test } from './test'
import { startWebProcesses } from './another-web-process'
import { databaseUrl } from './instance'
import { foreign, home, key, uniqueWord } from './world'

const JOBS = 5_000
const BATCH = 1_000

type Step = readonly [from: JobStatus | null, to: JobStatus | null, attempt: number | null]

/** Records what a watcher was told about each job, in order. */
class Witness {
  readonly steps = new Map<string, Step[]>()
  /**
   * The jobs that the watcher saw from their beginning to their end. Jobs of an earlier test may end meanwhile, and do
   * not count.
   */
  readonly final = new Set<string>()
  resets = 0
  lastEventId: string | undefined

  take({ id, type, jobId, fromStatus, toStatus, attempt }: JobEvent): void {
    this.lastEventId = id
    if (type === 'reset') this.resets++
    if (type !== 'status' || jobId === null) return
    const steps = this.steps.get(jobId) ?? []
    if (steps.length === 0) this.steps.set(jobId, steps)
    steps.push([fromStatus, toStatus, attempt])
    if (toStatus && isFinal(toStatus) && steps[0]?.[0] === null) this.final.add(jobId)
  }
}

const TITLE =
  'a watcher of 5,000 jobs gets every event once and in order, over cut connections and restarts of both web processes'

// This test uses all cores, so it runs alone.
test(TITLE, { tag: ['@alone', '@long'] }, async () => {
  test.setTimeout(240_000)
  const webs = await startWebProcesses(2)
  const proxy = await startProxy(webs.map(({ url }) => url))
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  const over = new AbortController()
  try {
    const jobyard = createJobyardClient({ url: proxy.url, apiKey: key('OPERATOR'), patienceMs: 60_000 })
    const steady = new Witness()
    const slow = new Witness()
    const sleeper = new Witness()
    const stranger = new Witness()

    /** Watches until `until` jobs have ended. `dawdle` runs between two events and can slow the watcher down. */
    async function follow(
      witness: Witness,
      until: number,
      {
        client = jobyard,
        dawdle = () => undefined as Promise<void> | undefined,
        started = () => undefined as void,
      } = {},
    ) {
      try {
        for await (const event of client.watch({
          lastEventId: witness.lastEventId,
          signal: over.signal,
          onStart: started,
        })) {
          witness.take(event)
          if (witness.final.size >= until) return
          await dawdle()
        }
      } catch (error) {
        if (!over.signal.aborted) throw error
      }
    }
    let events = 0
    const nap = () => (++events % 1000 === 0 ? new Promise<void>((resolve) => setTimeout(resolve, 400)) : undefined)
    const ready: Promise<void>[] = []
    const started = () => {
      let resolve!: () => void
      ready.push(new Promise((done) => (resolve = done)))
      return { started: resolve }
    }
    const following = [
      follow(steady, JOBS, started()),
      follow(slow, JOBS, { dawdle: nap, ...started() }),
      follow(sleeper, 500, started()),
    ]
    const abroad = follow(stranger, 1, {
      client: createJobyardClient({ url: proxy.url, apiKey: key('VIEWER', foreign) }),
      ...started(),
    })
    await Promise.all(ready)

    const word = uniqueWord()
    const ids: string[] = []
    const harm = [
      async () => void proxy.cut(),
      () => webs[0]!.restart('SIGKILL'),
      () => webs[1]!.restart('SIGTERM'),
      // A transaction that began early and commits late holds back the events of all later ones.
      async () => {
        await database.query('BEGIN')
        await database.query('SELECT pg_current_xact_id()')
        proxy.cut()
        setTimeout(() => void database.query('COMMIT'), 1_500)
      },
      async () => void proxy.cut(),
    ]
    for (let n = 0; n < JOBS / BATCH; n++) {
      const jobs = Array.from({ length: BATCH }, (_, i) => ({ jobType: 'sample.noop', parameters: { word, n, i } }))
      const [submitted] = await Promise.all([jobyard.submitMany(jobs, { organizationId: home }), harm[n]?.()])
      ids.push(...submitted.map(({ id }) => id))
    }
    expect(new Set(ids).size).toBe(JOBS)
    // If an event were lost, the watcher would wait for ever. After a long time the test ends and tells which events
    // are missing.
    const enough = setTimeout(() => over.abort(), 150_000)
    await Promise.all(following)
    // This watcher left after 500 jobs and was away since, as a sleeping laptop is. It comes back to restarted
    // processes.
    expect(sleeper.final.size).toBe(500)
    await follow(sleeper, JOBS)
    clearTimeout(enough)

    const { rows } = await database.query<{
      job_id: string
      from_status: JobStatus | null
      to_status: JobStatus
      attempt: number
    }>(
      'SELECT job_id, from_status, to_status, attempt FROM execution_logs WHERE job_id = ANY($1) ORDER BY job_id, id',
      [ids],
    )
    const history = new Map<string, Step[]>(ids.map((id) => [id, []]))
    for (const { job_id, from_status, to_status, attempt } of rows)
      history.get(job_id)?.push([from_status, to_status, attempt])
    expect(rows.length).toBeGreaterThanOrEqual(4 * JOBS)
    for (const [who, witness] of Object.entries({ steady, slow, sleeper })) {
      const wrong = ids.filter((id) => JSON.stringify(witness.steps.get(id)) !== JSON.stringify(history.get(id)))
      expect(
        wrong.slice(0, 3).map((id) => ({ id, told: witness.steps.get(id), true: history.get(id) })),
        `${wrong.length} jobs of ${who}`,
      ).toEqual([])
      expect(witness.resets, who).toBe(0)
    }
    expect([...stranger.steps.keys()].filter((id) => history.has(id))).toEqual([])
    over.abort()
    await abroad
  } finally {
    over.abort()
    await database.end()
    await proxy.stop()
    await Promise.all(webs.map((web) => web.stop()))
  }
})
