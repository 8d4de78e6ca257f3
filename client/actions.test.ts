import { describe, expect, it } from 'vitest'
import { wasRetried } from './actions'
import { client, cut, failure, inputOf, ok, procedureOf, refused } from './client.fixture'
import type { Api, JobStatus } from './index'

type Item = Api['jobs']['history']['output']['items'][number]
/** A history with these statuses, each entry at its second. */
const walk = (...steps: [status: JobStatus, second: number][]): Item[] =>
  steps.map(([toStatus, second], n) => ({
    fromStatus: steps[n - 1]?.[0] ?? null,
    toStatus,
    at: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
    actor: { type: 'key', id: 'k', name: 'key' },
    message: null,
    attempt: 1,
  }))
const DIED: [JobStatus, number][] = [
  ['PENDING', 0],
  ['QUEUED', 1],
  ['RUNNING', 2],
  ['DEAD_LETTER', 3],
]
const page = (items: Item[], nextCursor: string | null = null) => ok({ items, nextCursor })
const illegal = (from: string) => refused('ILLEGAL_TRANSITION', 409, { from, to: 'X' })
const a = (status: JobStatus, over: object = {}) => ok({ id: 'a', status, cancelRequestedAt: null, ...over })

describe('a retry', () => {
  it('a retry that is answered is sent once', async () => {
    const { jobyard, seen } = client([a('PENDING')])
    expect(await jobyard.retry('a', { reason: 'repaired' })).toMatchObject({ status: 'PENDING' })
    expect(seen.map(({ body }) => body)).toEqual([{ jobId: 'a', reason: 'repaired' }])
  })

  it('a retry whose answer was lost is not sent again where the history shows it, however far the job has come since', async () => {
    for (const after of [
      [],
      [
        ['QUEUED', 10],
        ['RUNNING', 10],
      ],
      [
        ['QUEUED', 10],
        ['RUNNING', 10],
        ['COMPLETED', 10],
      ],
    ] as [JobStatus, number][][]) {
      const status = after.at(-1)?.[0] ?? 'PENDING'
      const { jobyard, seen } = client([cut(), page(walk(...DIED, ['PENDING', 10], ...after)), a(status)])
      expect(await jobyard.retry('a')).toMatchObject({ status })
      expect(seen.map(procedureOf)).toEqual(['jobs.retry', 'jobs.history', 'jobs.get'])
    }
  })

  it('a retry that was not carried out is sent again, even if an earlier retry is in the history', async () => {
    for (const history of [
      walk(...DIED),
      // It died 5,000 s after that retry. This call has not lasted so long, so the retry is an earlier one.
      walk(...DIED, ['PENDING', 10], ['QUEUED', 11], ['RUNNING', 12], ['DEAD_LETTER', 5_000]),
    ]) {
      const { jobyard, seen } = client([cut(), page(history), a('PENDING')])
      expect(await jobyard.retry('a')).toMatchObject({ status: 'PENDING' })
      expect(seen.map(procedureOf)).toEqual(['jobs.retry', 'jobs.history', 'jobs.retry'])
    }
  })

  it('a retry is not sent again if the job has failed or was canceled since, and the error says that the outcome is unknown', async () => {
    for (const status of ['FAILED', 'DEAD_LETTER', 'CANCELED'] as const) {
      const { jobyard, seen } = client([
        cut(),
        page(walk(...DIED, ['PENDING', 10], ['QUEUED', 10], ['RUNNING', 10], [status, 10])),
      ])
      expect((await failure(jobyard.retry('a'))).reason).toBe('NETWORK')
      expect(seen.map(procedureOf)).toEqual(['jobs.retry', 'jobs.history'])
    }
  })

  it('a retry whose answer was lost is looked for in the whole of a long history', async () => {
    const { jobyard, seen } = client([
      cut(),
      page(walk(...DIED), 'x'),
      page(walk(['DEAD_LETTER', 3], ['PENDING', 4]).slice(1)),
      a('PENDING'),
    ])
    await jobyard.retry('a')
    expect(seen.slice(1, 3).map(inputOf)).toEqual([{ jobId: 'a' }, { jobId: 'a', cursor: 'x' }])
  })

  it('when a retry is carried out only after the history was read, its refused repetition is understood; any other refusal is passed on', async () => {
    const late = client([
      cut(),
      page(walk(...DIED)),
      illegal('RUNNING'),
      page(walk(...DIED, ['PENDING', 9], ['QUEUED', 9], ['RUNNING', 9])),
      a('RUNNING'),
    ])
    expect(await late.jobyard.retry('a')).toMatchObject({ status: 'RUNNING' })
    const never = client([
      cut(),
      page(walk(['PENDING', 0])),
      illegal('COMPLETED'),
      page(walk(['PENDING', 0], ['COMPLETED', 0])),
    ])
    expect((await failure(never.jobyard.retry('a'))).reason).toBe('ILLEGAL_TRANSITION')
    expect((await failure(client([illegal('RUNNING')]).jobyard.retry('a'))).reason).toBe('ILLEGAL_TRANSITION')
  })

  it('steps that a job takes by itself are not taken for a retry that somebody asked for', () => {
    const byItself = walk(
      ['PENDING', 0],
      ['RUNNING', 0],
      ['FAILED', 0],
      ['QUEUED', 0],
      ['PENDING', 0],
      ['RUNNING', 0],
      ['PENDING', 0],
    )
    expect([wasRetried(byItself, 60_000), wasRetried([], 60_000)]).toEqual([false, false])
  })
})

describe('a cancel', () => {
  it('a cancel whose answer was lost is not sent again if the job shows that it was carried out', async () => {
    for (const shown of [a('CANCELED'), a('RUNNING', { cancelRequestedAt: '2026-01-01T00:00:00.000Z' })]) {
      const { jobyard, seen } = client([cut(), shown])
      expect(await jobyard.cancel('a', { reason: 'enough' })).toMatchObject({ id: 'a' })
      expect(seen.map(procedureOf)).toEqual(['jobs.cancel', 'jobs.get'])
      expect(seen[0]!.body).toEqual({ jobId: 'a', reason: 'enough' })
    }
  })

  it('a cancel is sent again if the job does not show it, and is refused if the job has ended in another way', async () => {
    const again = client([cut(), a('PENDING'), a('CANCELED')])
    expect(await again.jobyard.cancel('a')).toMatchObject({ status: 'CANCELED' })
    expect(again.seen.map(procedureOf)).toEqual(['jobs.cancel', 'jobs.get', 'jobs.cancel'])
    expect((await failure(client([illegal('CANCELED')]).jobyard.cancel('a'))).reason).toBe('ILLEGAL_TRANSITION')
    expect(
      (await failure(client([cut(), a('COMPLETED'), illegal('COMPLETED'), a('COMPLETED')]).jobyard.cancel('a'))).reason,
    ).toBe('ILLEGAL_TRANSITION')
  })
})
