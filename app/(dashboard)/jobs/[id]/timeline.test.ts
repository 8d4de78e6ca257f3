import { describe, expect, test } from 'vitest'
import type { Attempt } from '@/app/_trpc/types'
import { axisOf, logMarks } from './timeline-axis'
import { timelineOf, type Story } from './timeline-spans'
import { spanWords } from './timeline-words'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()
/**
 * An attempt that ended, or that still runs. The times are in seconds. The timeline does not read its outcome, which is
 * FAILED here also where a test's history says COMPLETED.
 */
const ran = (attempt: number, ready: number, queued: number, started: number, ended: number | null): Attempt => ({
  attempt,
  workerId: null,
  readyAt: at(ready),
  queuedAt: at(queued),
  startedAt: at(started),
  endedAt: ended === null ? null : at(ended),
  outcome: ended === null ? null : 'FAILED',
  error: null,
})
type Step = [status: Story['history'][number]['toStatus'], seconds: number, attempt?: number]
const story = (steps: Step[], attempts: Attempt[], more: Partial<Story['job']> = {}, now = 1000): Story => ({
  job: {
    status: steps.at(-1)![0],
    createdAt: at(steps[0]![1]),
    runAt: at(steps[0]![1]),
    nextRetryAt: null,
    queuedAt: null,
    finishedAt: null,
    dependsOn: [],
    ...more,
  },
  attempts,
  history: steps.map(([toStatus, seconds, attempt = 0], i) => ({
    fromStatus: i === 0 ? null : steps[i - 1]![0],
    toStatus,
    at: at(seconds),
    attempt,
  })),
  parentsDoneAt: null,
  holds: [],
  now: now * 1000,
})
const spans = (given: Story) =>
  timelineOf(given).map(({ attempt, spans }) => [
    attempt?.attempt ?? null,
    ...spans.map(({ kind, from, to }) => `${kind} ${from / 1000}-${to / 1000}`),
  ])

describe('the timeline of a job', () => {
  test('the timeline has a row for each attempt, and the wait for a retry stands before the attempt that it delayed', () => {
    const steps: Step[] = [
      ['PENDING', 0],
      ['QUEUED', 2],
      ['RUNNING', 3, 1],
      ['FAILED', 5, 1],
      ['QUEUED', 66],
      ['RUNNING', 67, 2],
      ['COMPLETED', 70, 2],
    ]
    expect(spans(story(steps, [ran(1, 0, 2, 3, 5), ran(2, 65, 66, 67, 70)]))).toEqual([
      [1, 'waiting 0-2', 'queued 2-3', 'running 3-5'],
      [2, 'backoff 5-65', 'waiting 65-66', 'queued 66-67', 'running 67-70'],
    ])
  })

  test('the timeline shows how long a job waited for its time, and how long for its parents', () => {
    const steps: Step[] = [
      ['PENDING', 0],
      ['QUEUED', 30],
      ['RUNNING', 31, 1],
    ]
    const given = story(steps, [ran(1, 10, 30, 31, null)], { runAt: at(10), dependsOn: ['p'] }, 40)
    expect(spans({ ...given, parentsDoneAt: 25_000 })).toEqual([
      [1, 'scheduled 0-10', 'parents 10-25', 'waiting 25-30', 'queued 30-31', 'running 31-40'],
    ])
  })

  test('the timeline tells which part of a wait was a pause, which an open circuit, and which a limit or the turn of others', () => {
    const hold = (kind: 'pause' | 'circuit', from: number, to: number | null): Story['holds'][number] => ({
      kind,
      target: kind === 'pause' ? 'platform' : 'circuit',
      from: at(from),
      to: to === null ? null : at(to),
      by: { type: 'user', id: null, name: 'Dana' },
      reason: null,
    })
    const waiting = { ...story([['PENDING', 10]], [], {}, 100), holds: [hold('pause', 0, 30), hold('circuit', 20, 60)] }
    expect(spans(waiting)).toEqual([[null, 'paused 10-30', 'circuit 30-60', 'waiting 60-100']])
    expect(spans({ ...waiting, holds: [hold('circuit', 40, null)] })).toEqual([
      [null, 'waiting 10-40', 'circuit 40-100'],
    ])
    // A pause that was over before the job was due held nothing back. Until then the job waited for its time.
    const late = story([['PENDING', 10]], [], { runAt: at(50) }, 100)
    expect(spans({ ...late, holds: [hold('pause', 0, 40)] })).toEqual([[null, 'scheduled 10-50', 'waiting 50-100']])
  })

  test('the timeline goes on until now while a job waits, and a wait that ended without a run has no attempt', () => {
    expect(spans(story([['PENDING', 0]], [], {}, 7))).toEqual([[null, 'waiting 0-7']])
    const retrying: Step[] = [
      ['PENDING', 0],
      ['QUEUED', 0],
      ['RUNNING', 1, 1],
      ['FAILED', 2, 1],
    ]
    expect(spans(story(retrying, [ran(1, 0, 0, 1, 2)], { nextRetryAt: at(90) }, 12)).at(-1)).toEqual([
      null,
      'backoff 2-12',
    ])
    expect(spans(story([...retrying, ['CANCELED', 8]], [ran(1, 0, 0, 1, 2)])).at(-1)).toEqual([null, 'backoff 2-8'])
    expect(
      spans(
        story(
          [
            ['PENDING', 0],
            ['QUEUED', 3],
          ],
          [],
          { queuedAt: at(3) },
          5,
        ),
      ),
    ).toEqual([[null, 'waiting 0-3', 'queued 3-5']])
  })

  test('the timeline leaves out the time between the end of a job and its retry by a person', () => {
    const steps: Step[] = [
      ['PENDING', 0],
      ['QUEUED', 0],
      ['RUNNING', 0, 1],
      ['DEAD_LETTER', 1, 1],
      ['PENDING', 500, 1],
      ['QUEUED', 501, 1],
      ['RUNNING', 502, 2],
      ['COMPLETED', 503, 2],
    ]
    expect(spans(story(steps, [ran(1, 0, 0, 0, 1), ran(2, 500, 501, 502, 503)]))[1]).toEqual([
      2,
      'waiting 500-501',
      'queued 501-502',
      'running 502-503',
    ])
  })

  test('the timeline has no piece of negative length when clocks differ, and accepts a change of a waiting job', () => {
    // Ready at 9, queued at 8, started at 7, and now it is 6: each clock is behind the one before. The second step is a
    // change of the job.
    const steps: Step[] = [
      ['PENDING', 5],
      ['PENDING', 6],
      ['QUEUED', 8],
      ['RUNNING', 7, 1],
    ]
    expect(spans(story(steps, [ran(1, 9, 8, 7, null)], {}, 6))).toEqual([[1, 'scheduled 5-7']])
  })
})

describe('the axis of the timeline', () => {
  const rows = timelineOf(
    story(
      [
        ['PENDING', 0],
        ['QUEUED', 0],
        ['RUNNING', 0, 1],
        ['FAILED', 10, 1],
        ['QUEUED', 970],
        ['RUNNING', 970, 2],
        ['COMPLETED', 980, 2],
      ],
      [ran(1, 0, 0, 0, 10), ran(2, 970, 970, 970, 980)],
    ),
  )
  const range = { from: 0, to: 980_000 }

  test('the axis is drawn to scale when that is asked for', () => {
    const axis = axisOf(rows, range, false)
    expect([0, 490, 980].map((s) => axis.place(s * 1000))).toEqual([0, 50, 100])
    expect([axis.cuts, axis.canCut]).toEqual([[], true])
  })

  test('the axis draws a long wait shorter with its true length, and keeps the order of all times', () => {
    const axis = axisOf(rows, range, true)
    expect(axis.cuts).toEqual([{ from: 10_000, to: 970_000, ms: 960_000 }])
    // The wait gets half as much as the two runs together, so as much as each of them.
    expect([0, 10, 970, 980].map((s) => Math.round(axis.place(s * 1000)))).toEqual([0, 33, 67, 100])
    const places = Array.from({ length: 99 }, (_, n) => axis.place(n * 10_000))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(axis.ticks).toEqual([0, 10_000, 970_000, 980_000])
  })

  test('the axis keeps runs visible between many waits for retries', () => {
    const many = Array.from({ length: 500 }, (_, n) => ({
      attempt: null,
      open: false,
      spans: [{ kind: 'running' as const, from: n * 60_000, to: n * 60_000 + 100 }],
    }))
    const axis = axisOf(many, { from: 0, to: 500 * 60_000 }, true)
    const share = many.reduce((sum, { spans: [run] }) => sum + axis.place(run!.to) - axis.place(run!.from), 0)
    // Waits that are drawn shorter get half as much as the runs, so the runs get two thirds.
    expect(share).toBeGreaterThan(60)
  })

  test('the axis has a place for every time of a job that never ran, and of one that has just begun', () => {
    const waiting = axisOf([], { from: 0, to: 1000 }, true)
    expect([waiting.place(500), waiting.canCut]).toEqual([50, false])
    expect(axisOf([], { from: 5, to: 5 }, true).place(5)).toBe(0)
  })
})

test('log lines that would cover each other become one mark with the most severe level', () => {
  const lines = [
    { at: at(1), count: 3, level: 'INFO' as const },
    { at: at(1.001), count: 1, level: 'ERROR' as const },
    { at: at(90), count: 1, level: 'WARN' as const },
  ]
  // The axis has a hundred places here, each one second wide. A mark stands in the middle of its place.
  expect(logMarks(lines, (time) => time / 1000)).toEqual([
    { at: 1.5, count: 4, level: 'ERROR' },
    { at: 90.5, count: 1, level: 'WARN' },
  ])
})

test('only the last piece of an attempt that runs is told as one that goes on', () => {
  const [row] = timelineOf(
    story(
      [
        ['PENDING', 0],
        ['QUEUED', 2],
        ['RUNNING', 3, 1],
      ],
      [ran(1, 0, 2, 3, null)],
      {},
      8,
    ),
  )
  expect(spanWords(row!)).toEqual(['waited 2.0 s for its turn', 'in queue 1.0 s', 'running 5.0 s'])
})

test('the words for a job that still waits for its turn also tell what it waited for before', () => {
  const [row] = timelineOf(story([['PENDING', 0]], [], { runAt: at(60) }, 90))
  expect(spanWords(row!)).toEqual(['waited 1m 00s for its time', 'waiting 30 s for its turn'])
})
