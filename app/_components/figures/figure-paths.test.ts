import { expect, it } from 'vitest'
import {
  completedPath,
  diedPath,
  failedPath,
  longestWaitPath,
  runningPath,
  submittedPath,
  waitingPath,
} from './figure-paths'

const span = { from: '2026-11-23T10:00:00.000Z', to: '2026-11-23T10:05:00.000Z' }

it('a figure about a time links to the jobs that it counts: those submitted, completed, failed or dead in that time', () => {
  expect(submittedPath(span)).toBe('/jobs?after=2026-11-23T10:00:00.000Z&before=2026-11-23T10:05:00.000Z')
  expect(completedPath(span, { jobType: 'a.b' })).toBe(
    '/jobs?status=COMPLETED&type=a.b&endedAfter=2026-11-23T10:00:00.000Z&endedBefore=2026-11-23T10:05:00.000Z',
  )
  expect(failedPath(span, { jobType: 'a.b', cause: 'f1' })).toBe(
    '/jobs?type=a.b&cause=f1&failedAfter=2026-11-23T10:00:00.000Z&failedBefore=2026-11-23T10:05:00.000Z',
  )
  expect(diedPath(span, { cause: 'f1' })).toContain('status=DEAD_LETTER&cause=f1&endedAfter=')
})

it('a figure about this moment links to the jobs that wait or run now', () => {
  expect(waitingPath('a.b')).toBe('/jobs?status=PENDING,QUEUED,FAILED,TIMED_OUT&type=a.b')
  expect(runningPath('a.b')).toBe('/jobs?status=RUNNING&type=a.b')
  expect(longestWaitPath(95.7, ['READY', 'BEHIND'])).toBe('/jobs?waiting=95s&waitingFor=READY,BEHIND')
})
