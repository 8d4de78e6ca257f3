import { describe, expect, it } from 'vitest'
import { client, cut, failure, ok, ORG, procedureOf, refused, type Reply } from './client.fixture'
import type { ClientOptions, JobEvent, JobStatus } from './index'

const a = (status: JobStatus) => ok({ id: 'a', organizationId: ORG, status })
const event: JobEvent = {
  id: '1',
  type: 'status',
  jobId: 'a',
  fromStatus: 'QUEUED',
  toStatus: 'RUNNING',
  attempt: 1,
  progress: null,
  progressMessage: null,
  at: '2026-01-01T00:00:00.000Z',
}

/**
 * A client whose server gives the answers in `looks` one after the other and then repeats the last one. It sends no
 * events except `events`.
 */
function waiting(
  looks: (() => Reply)[],
  { events = [], ...options }: Partial<ClientOptions> & { events?: JobEvent[] } = {},
) {
  let n = 0
  const stream = () =>
    new Response(
      `event: connected\ndata: {}\n\n${events.map((one) => `data: ${JSON.stringify(one)}\nid: ${one.id}\n\n`).join('')}`,
    )
  const asked: string[] = []
  const fetch = (url: RequestInfo | URL) => {
    const procedure = procedureOf({ path: new URL(String(url)).pathname })
    asked.push(procedure)
    const reply =
      procedure === 'jobs.watch'
        ? events.length > 0
          ? stream()
          : refused('NOT_FOUND', 404)
        : looks[Math.min(n++, looks.length - 1)]!()
    return reply instanceof Response ? Promise.resolve(reply) : Promise.reject(reply as Error)
  }
  return { ...client([], { fetch, patienceMs: 0, ...options }), asked }
}

describe('a wait', () => {
  it('waitFor lasts through an outage that is longer than the patience of one call', async () => {
    const outage = [
      cut,
      () => refused('UNAVAILABLE', 503),
      () => refused('RATE_LIMITED', 429, { retryAfterSeconds: 0.05 }),
    ]
    const { jobyard } = waiting([() => a('RUNNING'), ...outage, () => a('COMPLETED')])
    expect(await jobyard.waitFor('a')).toMatchObject({ status: 'COMPLETED' })
  })

  it('waitFor ends during an outage when its time is over or its signal fires', async () => {
    const { jobyard } = waiting([() => a('RUNNING'), cut])
    expect((await failure(jobyard.waitFor('a', { timeoutMs: 400 }))).reason).toBe('WAIT_TIMEOUT')
    const reason = new Error('the user left')
    const stop = new AbortController()
    const out = () => {
      setTimeout(() => stop.abort(reason), 20)
      return cut()
    }
    await expect(waiting([() => a('RUNNING'), out]).jobyard.waitFor('a', { signal: stop.signal })).rejects.toBe(reason)
  })

  it('waitFor fails if the job could not be read from the start, or is deleted', async () => {
    expect((await failure(waiting([cut]).jobyard.waitFor('a'))).reason).toBe('NETWORK')
    expect(
      (await failure(waiting([() => a('RUNNING'), () => refused('NOT_FOUND', 404)]).jobyard.waitFor('a'))).reason,
    ).toBe('NOT_FOUND')
  })

  it('waitFor accepts any time, however long', async () => {
    // Both are longer than `setTimeout` can wait.
    for (const timeoutMs of [Infinity, 2 ** 40]) {
      expect(
        await waiting([
          () => a('RUNNING'),
          () => a('RUNNING'),
          () => a('RUNNING'),
          () => a('COMPLETED'),
        ]).jobyard.waitFor('a', { timeoutMs }),
      ).toMatchObject({ status: 'COMPLETED' })
    }
  })

  it('waitFor rejects with the error that its listener throws', async () => {
    const broken = new Error('of the caller')
    const { jobyard, asked } = waiting([() => a('RUNNING')], { events: [event] })
    const onEvent = () => {
      throw broken
    }
    await expect(jobyard.waitFor('a', { onEvent })).rejects.toBe(broken)
    expect(asked.filter((procedure) => procedure === 'jobs.watch')).toHaveLength(1)
  })
})
