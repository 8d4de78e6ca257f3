import type { Attempt, HistoryItem, Job, Outputs } from '@/app/_trpc/types'

/** A piece of the timeline, without how it is drawn. Times are in milliseconds. */
export interface Span {
  kind: SpanKind
  from: number
  to: number
  /** The pause or the circuit that held the job back. */
  hold?: Hold
}
export type Hold = Inside['holds'][number]
type Inside = Outputs['jobs']['timeline']
/**
 * What a job did in a piece of time. `scheduled`: its time had not come. `parents`: jobs that it depends on had not
 * completed, or not ended where that is enough. `backoff`: it waited for its retry. `paused` and `circuit`: it was due,
 * but a pause or an open circuit held it back. `waiting`: it was due, and waited for room within a limit or for its
 * turn. `queued`: it was in the queue.
 */
export type SpanKind = 'scheduled' | 'parents' | 'backoff' | 'paused' | 'circuit' | 'waiting' | 'queued' | 'running'

/** One attempt with the wait before it. `attempt` is null for a wait that no attempt has followed. */
export interface TimelineRow {
  attempt: Attempt | null
  spans: Span[]
  /** True while it still goes on. */
  open: boolean
}

/** What is known of a job, from which its timeline is made. */
export interface Story {
  job: Pick<Job, 'status' | 'createdAt' | 'runAt' | 'nextRetryAt' | 'queuedAt' | 'finishedAt' | 'dependsOn'>
  attempts: readonly Attempt[]
  history: readonly Pick<HistoryItem, 'fromStatus' | 'toStatus' | 'at' | 'attempt'>[]
  /**
   * When the last direct parent completed, or ended where that is enough, in milliseconds. Null where a parent has not
   * come so far, where it is not known, or where there are no parents.
   */
  parentsDoneAt: number | null
  /** The pauses and open circuits of its kind. Empty while they are not known. */
  holds: readonly Hold[]
  now: number
}

/** A wait that has begun, after a failed attempt (`retry`) or for another reason. */
interface Wait {
  from: number
  retry: boolean
}

const WAITING = new Set<string>(['PENDING', 'FAILED', 'TIMED_OUT'])
const RETRY = new Set<string>(['FAILED', 'TIMED_OUT'])

/** What a job did from its submission to its end, or until now. Each attempt has one row, oldest first. */
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
      // The job ended while it waited, without another attempt. When its retry was planned for is not kept then, so the
      // whole wait counts as one for the retry.
      const spans = ofWait(story, wait, { ready: wait.retry ? time : dueTime(job), queued: time, until: time })
      rows.push({ attempt: null, spans, open: false })
      wait = null
    }
  }
  if (wait && WAITING.has(job.status)) {
    rows.push({
      attempt: null,
      spans: ofWait(story, wait, { ready: dueTime(job), queued: now, until: now }),
      open: true,
    })
  } else if (wait && job.status === 'QUEUED') {
    const queued = job.queuedAt ? Date.parse(job.queuedAt) : now
    // A job in the queue no longer has the planned time of its retry, so the wait up to the queue counts as one for it.
    const ready = wait.retry ? queued : dueTime(job)
    rows.push({ attempt: null, spans: ofWait(story, wait, { ready, queued, until: now }), open: true })
  }
  return rows
}

/** The earliest time at which the job may start. Other reasons can hold it back for longer. */
const dueTime = ({ nextRetryAt, runAt }: Story['job']) => Date.parse(nextRetryAt ?? runAt)

const isEnd = (status: string) => status === 'COMPLETED' || status === 'CANCELED' || status === 'DEAD_LETTER'

function ofAttempt(story: Story, attempt: Attempt, wait: Wait | null): Span[] {
  const queued = Date.parse(attempt.queuedAt)
  const started = Date.parse(attempt.startedAt)
  const ended = attempt.endedAt ? Date.parse(attempt.endedAt) : story.now
  // Where the history does not tell when the wait began, it counts from when the job was ready.
  return [
    ...ofWait(story, wait ?? { from: Date.parse(attempt.readyAt), retry: false }, {
      ready: Date.parse(attempt.readyAt),
      queued,
      until: started,
    }),
    ...unlessEmpty({ kind: 'running', from: started, to: ended }),
  ]
}

/**
 * Splits a wait by its causes. First comes the wait for its time or for its parents, then whatever else held the job
 * back, and at last the queue. The clocks of several machines may differ a little, so no piece begins before the one
 * ahead of it has ended.
 */
function ofWait(
  { job, parentsDoneAt, holds }: Story,
  wait: Wait,
  { ready, queued, until }: { ready: number; queued: number; until: number },
): Span[] {
  const inQueue = Math.max(wait.from, Math.min(queued, until))
  const due = clamp(ready, wait.from, inQueue)
  const hadParents = !wait.retry && job.dependsOn.length > 0
  const free = hadParents ? clamp(parentsDoneAt ?? inQueue, due, inQueue) : due
  return [
    ...unlessEmpty({ kind: wait.retry ? 'backoff' : 'scheduled', from: wait.from, to: due }),
    ...unlessEmpty({ kind: 'parents', from: due, to: free }),
    ...cutByHolds({ kind: 'waiting', from: free, to: inQueue }, holds),
    ...unlessEmpty({ kind: 'queued', from: inQueue, to: until }),
  ]
}

/**
 * Cuts a wait at the begin and the end of each pause and circuit. Where both held the job back, the pause is told,
 * because a person made it and a person ends it.
 */
function cutByHolds(wait: Span, holds: readonly Hold[]): Span[] {
  const pieces: Span[] = []
  const times = holds.map((hold) => ({
    hold,
    from: Date.parse(hold.from),
    to: hold.to === null ? Infinity : Date.parse(hold.to),
  }))
  const edges = [wait.from, ...times.flatMap(({ from, to }) => [from, to]), wait.to]
    .filter((edge) => edge >= wait.from && edge <= wait.to)
    .sort((a, b) => a - b)
  for (const [i, to] of edges.entries()) {
    const from = edges[i - 1] ?? to
    if (to <= from) continue
    const going = times.filter((one) => one.from <= from && one.to >= to).map(({ hold }) => hold)
    const hold = going.find(({ kind }) => kind === 'pause') ?? going[0]
    const last = pieces.at(-1)
    if (last && last.hold === hold) last.to = to
    else
      pieces.push({
        kind: hold ? (hold.kind === 'pause' ? 'paused' : 'circuit') : 'waiting',
        from,
        to,
        ...(hold && { hold }),
      })
  }
  return pieces
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most))
const unlessEmpty = (span: Span): Span[] => (span.to > span.from ? [span] : [])
