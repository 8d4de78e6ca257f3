import { describe, expect, it } from 'vitest'
import type { LiveJob } from '@/app/_trpc/live'
import type { WatchEvent } from '@/app/_trpc/types'
import { countNew, emptyList, rowsThatLeft, reduceList, shownRows, type LiveList } from './live-list'

const job = (id: string, status: LiveJob['status'] = 'PENDING'): LiveJob => ({
  id,
  status,
  attempt: 0,
  progress: 0,
  progressMessage: null,
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
})
const started = (id: string): WatchEvent => ({
  id: 'e',
  type: 'status',
  jobId: id,
  fromStatus: 'QUEUED',
  toStatus: 'RUNNING',
  attempt: 1,
  progress: null,
  progressMessage: null,
  at: '2026-11-23T10:00:00.000Z',
})
// Ids rise with time, and a list has the newest job first. `complete: false` says that there is a next page.
const answer = (list: LiveList<LiveJob>, ...ids: string[]) =>
  reduceList(list, { type: 'answer', key: 'k', items: ids.map((id) => job(id)), complete: false })
const ids = (list: LiveList<LiveJob>) => shownRows(list).map((row) => row.id)

describe('a live list', () => {
  const shown = answer(emptyList(), '5', '4', '3')

  it('an event changes the row of its job in place, and no other row', () => {
    const next = reduceList(shown, { type: 'events', events: [started('4')] })
    expect(shownRows(next).map((row) => row.status)).toEqual(['PENDING', 'RUNNING', 'PENDING'])
    expect(next.rows.get('5')).toBe(shown.rows.get('5'))
    expect(reduceList(next, { type: 'events', events: [started('unknown')] })).toBe(next)
  })

  it('a job that was read alone changes its row in place, and a job that is not shown changes nothing', () => {
    const next = reduceList(shown, { type: 'told', jobs: [job('4', 'CANCELED'), job('9', 'RUNNING')] })
    expect(shownRows(next).map((row) => row.status)).toEqual(['PENDING', 'CANCELED', 'PENDING'])
    expect(reduceList(shown, { type: 'told', jobs: [job('9')] })).toBe(shown)
  })

  it('a row keeps what only the list told of its job when the job is read alone', () => {
    const listed = reduceList<LiveJob & { title?: string }>(emptyList(), {
      type: 'answer',
      key: 'k',
      items: [{ ...job('4'), title: 'Nightly' }],
      complete: true,
    })
    const next = reduceList(listed, { type: 'told', jobs: [job('4', 'RUNNING')] })
    expect(shownRows(next)).toMatchObject([{ status: 'RUNNING', title: 'Nightly' }])
  })

  it('the rows of a list stay in place when new jobs arrive, and the number of new jobs is known', () => {
    const next = answer(shown, '7', '6', '5')
    expect(ids(next)).toEqual(['5', '4', '3'])
    expect(countNew(next)).toBe(2)
    const adopted = reduceList(next, { type: 'adopt' })
    expect(ids(adopted)).toEqual(['7', '6', '5'])
    expect(countNew(adopted)).toBe(0)
  })

  it('a job that moved up from the next page does not count as new', () => {
    expect(countNew(answer(shown, '5', '3', '2'))).toBe(0)
  })

  it('a job that left the filter stays where it is, and counts as one that no longer matches', () => {
    const next = answer(shown, '5', '3', '2')
    expect([...rowsThatLeft(next)]).toEqual(['4'])
    expect(ids(next)).toEqual(['5', '4', '3'])
    expect([...rowsThatLeft(answer(next, '5', '4', '3'))]).toEqual([])
    expect([...rowsThatLeft(reduceList(next, { type: 'adopt' }))]).toEqual([])
  })

  it('a job at the end of the page counts as gone only if no further page can hold it', () => {
    expect([...rowsThatLeft(answer(shown, '7', '6', '5'))]).toEqual([])
    const last = reduceList(shown, { type: 'answer', key: 'k', items: [job('7'), job('5')], complete: true })
    expect([...rowsThatLeft(last)]).toEqual(['4', '3'])
    const none = reduceList(shown, { type: 'answer', key: 'k', items: [], complete: true })
    expect([...rowsThatLeft(none)]).toEqual(['5', '4', '3'])
  })

  it('after jobs were deleted, the next answer replaces the whole list', () => {
    const renewed = reduceList(shown, { type: 'renew' })
    expect(ids(renewed)).toEqual(['5', '4', '3'])
    const next = answer(renewed, '4', '2', '1')
    expect(ids(next)).toEqual(['4', '2', '1'])
    expect(ids(answer(next, '9', '4', '2'))).toEqual(['4', '2', '1'])
  })

  it('a list forgets rows that are neither shown nor about to be shown', () => {
    const later = answer(answer(shown, '7', '6', '5'), '9', '8', '7')
    expect([...later.rows.keys()].sort()).toEqual(['3', '4', '5', '7', '8', '9'])
  })

  it('an empty list shows new jobs at once, and another filter starts another list', () => {
    expect(ids(answer(answer(emptyList()), '1'))).toEqual(['1'])
    const other = reduceList(shown, { type: 'answer', key: 'other', items: [job('9')], complete: true })
    expect(ids(other)).toEqual(['9'])
  })
})
