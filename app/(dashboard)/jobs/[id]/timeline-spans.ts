import type { Attempt, HistoryItem, Job } from '@/app/_trpc/types'

/** The pieces of the timeline, apart from how they are drawn. Times in milliseconds. */
export interface Span {
  kind: SpanKind
  from: number
  to: number
}
/**
 * Why a job did not run: its time had not come, its parents had not completed, it waited for its retry, something held it
 * although it was due, it was in the queue. And `running`.
 */
export type SpanKind = 'scheduled' | 'parents' | 'backoff' | 'waiting' | 'queued' | 'running'

/** One attempt with the wait before it. `attempt` is null of a wait that has no attempt, or none yet. */
export interface TimelineRow {
  attempt: Attempt | null
  spans: Span[]
  /** It still goes on. */
  open: boolean
}

export interface Story {
  job: Pick<Job, 'status' | 'createdAt' | 'runAt' | 'nextRetryAt' | 'queuedAt' | 'finishedAt' | 'dependsOn'>
  attempts: readonly Attempt[]
  history: readonly Pick<HistoryItem, 'fromStatus' | 'toStatus' | 'at' | 'attempt'>[]
  /** When the last of its parents completed; null where one of them has not, or where it has none. */
  parentsCompletedAt: number | null
  now: number
}

/** A wait that has begun: after an attempt that failed, or for another reason. */
interface Wait {
  from: number
  retry: boolean
}

const WAITING = new Set<string>(['PENDING', 'FAILED', 'TIMED_OUT'])
const RETRY = new Set<string>(['FAILED', 'TIMED_OUT'])

/** What the job did from its submission until it ended, or until now: one row for each attempt, oldest first. */
export function timelineOf(story: Story): TimelineRow[] {
  const { job, attempts, history, now } = story
  const byNumber = new Map(attempts.map((attempt) => [attempt.attempt, attempt]))
  const rows: TimelineRow[] = []
  let wait: Wait | null = null

  for (const { fromStatus, toStatus, at, attempt: number } of history) {
    if (fromStatus === toStatus) continue
    const time = Date.parse(at)
    if (WAITING.has(toStatus)) wait ??= { from: time, retry: RETRY.has(toStatus) }
    const attempt = toStatus === 'RUNNING' ? byNumber.get(number) : undefined
    if (attempt) {
      rows.push({ attempt, spans: ofAttempt(story, attempt, wait), open: attempt.endedAt === null })
      wait = null
    } else if (wait && isEnd(toStatus)) {
      // It ended while it waited: nothing of it ever ran.
      const spans = ofWait(story, wait, { ready: wait.retry ? time : due(job), queued: time, until: time })
      rows.push({ attempt: null, spans, open: false })
      wait = null
    }
  }
  if (wait && WAITING.has(job.status)) {
    rows.push({ attempt: null, spans: ofWait(story, wait, { ready: due(job), queued: now, until: now }), open: true })
  } else if (wait && job.status === 'QUEUED') {
    const queued = job.queuedAt ? Date.parse(job.queuedAt) : now
    const ready = wait.retry ? queued : due(job)
    rows.push({ attempt: null, spans: ofWait(story, wait, { ready, queued, until: now }), open: true })
  }
  return rows
}

/** When the job may start, as far as it is its own time that decides. */
const due = ({ nextRetryAt, runAt }: Story['job']) => Date.parse(nextRetryAt ?? runAt)

const isEnd = (status: string) => status === 'COMPLETED' || status === 'CANCELED' || status === 'DEAD_LETTER'

function ofAttempt(story: Story, attempt: Attempt, wait: Wait | null): Span[] {
  const queued = Date.parse(attempt.queuedAt)
  const started = Date.parse(attempt.startedAt)
  const ended = attempt.endedAt ? Date.parse(attempt.endedAt) : story.now
  return [
    ...ofWait(story, wait ?? { from: Date.parse(attempt.readyAt), retry: false }, {
      ready: Date.parse(attempt.readyAt),
      queued,
      until: started,
    }),
    ...some({ kind: 'running', from: started, to: ended }),
  ]
}

/**
 * A wait by its causes: first the time or the parents, then whatever else held it, at last the queue. Clocks of several
 * machines may disagree a little, so no piece begins before the one ahead of it ended.
 */
function ofWait(
  { job, parentsCompletedAt }: Story,
  wait: Wait,
  { ready, queued, until }: { ready: number; queued: number; until: number },
): Span[] {
  const inQueue = Math.max(wait.from, Math.min(queued, until))
  const due = clamp(ready, wait.from, inQueue)
  const hadParents = !wait.retry && job.dependsOn.length > 0
  const free = hadParents ? clamp(parentsCompletedAt ?? inQueue, due, inQueue) : due
  return [
    ...some({ kind: wait.retry ? 'backoff' : 'scheduled', from: wait.from, to: due }),
    ...some({ kind: 'parents', from: due, to: free }),
    ...some({ kind: 'waiting', from: free, to: inQueue }),
    ...some({ kind: 'queued', from: inQueue, to: until }),
  ]
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most))
const some = (span: Span): Span[] => (span.to > span.from ? [span] : [])
