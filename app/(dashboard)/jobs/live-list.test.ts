import { describe, expect, it } from 'vitest'
import type { LiveJob } from '@/app/_trpc/live'
import type { WatchEvent } from '@/app/_trpc/types'
import { countNew, emptyList, reduceList, shownRows, type LiveList } from './live-list'

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
const answer = (list: LiveList<LiveJob>, ...ids: string[]) =>
  reduceList(list, { type: 'answer', key: 'k', items: ids.map((id) => job(id)) })
const ids = (list: LiveList<LiveJob>) => shownRows(list).map((row) => row.id)

describe('a live list', () => {
  const shown = answer(emptyList(), '5', '4', '3')

  it('updates rows in place and leaves the rest as they were', () => {
    const next = reduceList(shown, { type: 'events', events: [started('4')] })
    expect(shownRows(next).map((row) => row.status)).toEqual(['PENDING', 'RUNNING', 'PENDING'])
    expect(next.rows.get('5')).toBe(shown.rows.get('5'))
    expect(reduceList(next, { type: 'events', events: [started('unknown')] })).toBe(next)
  })

  it('does not move when new jobs arrive, and says how many did', () => {
    const next = answer(shown, '7', '6', '5')
    expect(ids(next)).toEqual(['5', '4', '3'])
    expect(countNew(next)).toBe(2)
    const adopted = reduceList(next, { type: 'adopt' })
    expect(ids(adopted)).toEqual(['7', '6', '5'])
    expect(countNew(adopted)).toBe(0)
  })

  it('does not call new what only moved up from the next page', () => {
    expect(countNew(answer(shown, '5', '3', '2'))).toBe(0)
  })

  it('starts anew with the next answer after jobs were deleted', () => {
    const renewed = reduceList(shown, { type: 'renew' })
    expect(ids(renewed)).toEqual(['5', '4', '3'])
    const next = answer(renewed, '4', '2', '1')
    expect(ids(next)).toEqual(['4', '2', '1'])
    expect(ids(answer(next, '9', '4', '2'))).toEqual(['4', '2', '1'])
  })

  it('keeps no row that is neither shown nor waits to be', () => {
    const later = answer(answer(shown, '7', '6', '5'), '9', '8', '7')
    expect([...later.rows.keys()].sort()).toEqual(['3', '4', '5', '7', '8', '9'])
  })

  it('fills by itself where it was empty, and starts anew with another question', () => {
    expect(ids(answer(answer(emptyList(), ...[]), '1'))).toEqual(['1'])
    const other = reduceList(shown, { type: 'answer', key: 'other', items: [job('9')] })
    expect(ids(other)).toEqual(['9'])
  })
})
