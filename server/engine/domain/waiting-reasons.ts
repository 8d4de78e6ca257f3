import type { Json, QueueName } from './types'
import type { WaitingCode } from './waiting-codes'
import type { HoldName, WaitingFacts } from './waiting-facts'

// Why a job waits, in words.

/** Why a job does not move: a code and data for programs, and a sentence for people. */
export interface WaitingReason {
  code: WaitingCode
  message: string
  data: { [key: string]: Json }
}

/**
 * Every reason why a waiting job does not move, the most decisive first: what a person stopped, then other jobs, time,
 * limits, workers, and at last its place in line. Empty for a job that does not wait, and never empty for one that
 * does.
 */
export function waitingReasons(facts: WaitingFacts): WaitingReason[] {
  const { status } = facts.job
  if (status === 'QUEUED')
    return [
      ...deleted(facts),
      ...holdReasons(facts, 'by people'),
      ...keptSlots(facts),
      ...holdReasons(facts, 'by workers'),
      inQueue(facts),
    ]
  if (status !== 'PENDING' && status !== 'FAILED' && status !== 'TIMED_OUT') return []
  const reasons = [
    ...deleted(facts),
    ...holdReasons(facts, 'by people'),
    ...parents(facts),
    ...time(facts),
    ...holdReasons(facts, 'by itself'),
    ...limits(facts),
    ...keptSlots(facts),
    ...holdReasons(facts, 'by workers'),
  ]
  const inLine = facts.parents.count === 0 && facts.job.dueAt <= facts.now
  if (inLine && facts.before.jobs !== 0) reasons.push(behindOthers(facts))
  if (reasons.length > 0) return reasons
  return isBusy(facts)
    ? [behindOthers(facts)]
    : [reason('READY', 'Nothing holds it back: it is handed to the queue within a moment.', {})]
}

/** When the reason ends by itself, as far as that is known. */
export function reasonEndsAt({ code, data }: WaitingReason): string | null {
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : null)
  if (code === 'SCHEDULED') return text(data.runAt)
  if (code === 'RETRY_BACKOFF') return text(data.nextRetryAt)
  if (code === 'CIRCUIT_OPEN' && data.trialJobId === null) return text(data.trialMayStartAt)
  return null
}

function deleted({ organization, job }: WaitingFacts): WaitingReason[] {
  if (organization.status !== 'DELETED') return []
  const message = 'Its organization is deleted: it ends in DEAD_LETTER within moments.'
  return [reason('ORGANIZATION_DELETED', message, { organizationId: job.organizationId })]
}

/**
 * How each hold is explained. Holds set by people come first. They, and those that missing workers cause, are also told of a
 * job that is in the queue.
 */
const HOLDS: Record<
  HoldName,
  { on: 'by people' | 'by itself' | 'by workers'; reasons: (facts: WaitingFacts) => WaitingReason[] }
> = {
  suspended: { on: 'by people', reasons: suspended },
  paused: { on: 'by people', reasons: paused },
  disabled: { on: 'by people', reasons: disabled },
  circuit: { on: 'by itself', reasons: circuit },
  handler: { on: 'by workers', reasons: handler },
  pool: { on: 'by workers', reasons: pool },
}

const holdReasons = (facts: WaitingFacts, put: 'by people' | 'by itself' | 'by workers'): WaitingReason[] =>
  Object.values(HOLDS).flatMap(({ on, reasons }) => (on === put ? reasons(facts) : []))

function suspended({ organization: { status, suspendedAt, suspendReason } }: WaitingFacts): WaitingReason[] {
  if (status !== 'SUSPENDED') return []
  const message = `Its organization is suspended${sinceText(suspendedAt)}${reasonText(suspendReason)}. It goes on when the organization is resumed.`
  return [reason('ORGANIZATION_SUSPENDED', message, { since: iso(suspendedAt), reason: suspendReason })]
}

function paused({ pauses }: WaitingFacts): WaitingReason[] {
  return pauses.map(({ pausedBy, pausedAt, ...pause }) => {
    const what = {
      platform: 'The whole platform',
      jobType: `Job type ${pause.jobType}`,
      organization: 'Its organization',
    }[pause.scope]
    const message = `${what} is paused by ${pausedBy.name}${sinceText(pausedAt)}${reasonText(pause.reason)}.`
    const by = { type: pausedBy.type, id: pausedBy.id, name: pausedBy.name }
    return reason('PAUSED', message, { ...pause, pausedBy: by, pausedAt: iso(pausedAt) })
  })
}

function disabled({ typeEnabled, job: { jobType } }: WaitingFacts): WaitingReason[] {
  if (typeEnabled) return []
  const message = `Job type ${jobType} is disabled. It goes on when an administrator enables it.`
  return [reason('JOB_TYPE_DISABLED', message, { jobType })]
}

function parents({ parents: { count, named } }: WaitingFacts): WaitingReason[] {
  if (count === 0) return []
  const list = named.slice(0, 3).map(({ jobId, jobType, status }) => `${jobType} ${jobId} (${status})`)
  const rest = count - list.length
  const which = list.length === 0 ? '' : `: ${list.join(', ')}${rest > 0 ? ` and ${number(rest)} more` : ''}`
  // Only for the jobs that are named it is known whether they have to complete or only to end.
  const ends = named.filter(({ on }) => on === 'ended').length
  const what = ends === 0 ? 'not completed' : ends === named.length ? 'not ended' : 'not completed or not ended'
  const message = `It waits for ${count === 1 ? 'a job that is' : `${number(count)} jobs that are`} ${what}${which}.`
  return [reason('WAITING_FOR_PARENTS', message, { count, parents: named.map((parent) => ({ ...parent })) })]
}

function time({ now, job }: WaitingFacts): WaitingReason[] {
  if (job.dueAt <= now) return []
  const when = `${clock(job.dueAt)}, ${spanText(now, job.dueAt)}`
  if (job.status === 'PENDING') return [reason('SCHEDULED', `It is scheduled for ${when}.`, { runAt: iso(job.dueAt) })]
  const { failures, maxRetries, error } = job
  const ended = job.status === 'TIMED_OUT' ? 'Its last attempt timed out' : 'Its last attempt failed'
  const why = error ? ` (${error.message.slice(0, 200)})` : ''
  const message = `${ended}${why}. Retry ${number(failures)} of at most ${number(maxRetries)} starts at ${when}.`
  return [
    reason('RETRY_BACKOFF', message, {
      nextRetryAt: iso(job.dueAt),
      failures,
      maxRetries,
      error: error && { ...error },
    }),
  ]
}

function circuit({ now, job, circuit: open }: WaitingFacts): WaitingReason[] {
  if (!open) return []
  const { state, openedAt, failures, outcomes, trialMayStartAt } = open
  // Where this job itself was the trial, it came back without an outcome, so the next trial may begin.
  const trialJobId = open.trialJobId === job.id ? null : open.trialJobId
  const next = trialJobId
    ? `Job ${trialJobId} tries now; the rest follows when it completes.`
    : state === 'OPEN' && trialMayStartAt > now
      ? `One job may try at ${clock(trialMayStartAt)}, ${spanText(now, trialMayStartAt)}.`
      : 'One job may try now.'
  const message = `${number(failures)} of the last ${number(outcomes)} attempts of ${job.jobType} failed, so its jobs are held back since ${clock(openedAt)}. ${next} An administrator can close the circuit.`
  return [
    reason('CIRCUIT_OPEN', message, {
      state,
      openedAt: iso(openedAt),
      failures,
      outcomes,
      trialMayStartAt: iso(trialMayStartAt),
      trialJobId,
    }),
  ]
}

function limits({ job, limits: all }: WaitingFacts): WaitingReason[] {
  const whose = {
    organization: 'Its organization',
    jobType: `Job type ${job.jobType}`,
    jobTypeInOrganization: `Job type ${job.jobType} in this organization`,
  }
  return all
    .filter(({ limit, inUse }) => inUse >= limit)
    .map(({ of, limit, inUse }) => {
      const message =
        limit === 0
          ? `${whose[of]} may run no job at all: its limit is 0.`
          : `${whose[of]} may run ${count(limit, 'job')} at once, and ${number(inUse)} ${inUse === 1 ? 'is' : 'are'} under way.`
      return reason('CONCURRENCY_LIMIT', message, { of, limit, inUse })
    })
}

/** It would take, or be in line for, a slot that is kept for organizations with nothing under way. */
function keptSlots({
  kept,
  load,
  now,
  job,
  workers: { live },
  parents: { count: open },
}: WaitingFacts): WaitingReason[] {
  if (open > 0 || job.dueAt > now || kept.slots === 0) return []
  const queued = job.status === 'QUEUED'
  const underWay = kept.underWay - (queued ? 1 : 0)
  // A job in the queue is held while some slots are free, but no more than there are workers: each of these slots may be
  // the last of its worker. Any other job is held while jobs that run or are in the queue take all slots but the kept ones.
  const held = queued
    ? load.running >= load.slots - live && load.running < load.slots
    : load.queued + load.running >= load.slots - kept.slots
  if (underWay === 0 || !held) return []
  const last = kept.slots === 1 ? 'The last' : `The last ${number(kept.slots)}`
  const message = `${last} of ${count(load.slots, 'slot')} ${kept.slots === 1 ? 'is' : 'are'} kept for organizations with nothing under way, and its organization has ${count(underWay, 'job')} under way. ${count(load.running, 'job')} ${load.running === 1 ? 'runs' : 'run'}, and ${number(load.queued)} ${load.queued === 1 ? 'is' : 'are'} in the queue: it starts when one of the other slots is free.`
  return [
    reason('SLOTS_KEPT', message, {
      queue: job.queue,
      slots: load.slots,
      kept: kept.slots,
      queued: load.queued,
      running: load.running,
      underWay,
    }),
  ]
}

function handler({ missingHandler, job: { pool: name } }: WaitingFacts): WaitingReason[] {
  if (missingHandler === null) return []
  const message = `No live worker of pool ${name} has its handler ${missingHandler}: deploy workers that have it, or change the job type.`
  return [reason('HANDLER_MISSING', message, { handler: missingHandler, pool: name })]
}

function pool({ job, workers: { live, draining, elsewhere } }: WaitingFacts): WaitingReason[] {
  if (live > 0) return []
  const stopping = draining > 0 ? ` (${count(draining, 'worker')} ${draining === 1 ? 'is' : 'are'} stopping)` : ''
  const message =
    elsewhere > 0
      ? `No worker of pool ${job.pool} is alive that takes ${QUEUES[job.queue]}${stopping}. Start one with \`WORKER_POOLS=${job.pool} npm run worker\`, or change the pool of the job type.`
      : `No worker is alive that takes ${QUEUES[job.queue]}${stopping}. Start one with \`npm run worker\`.`
  return [reason('NO_WORKER', message, { queue: job.queue, pool: job.pool, draining })]
}

const QUEUES: Record<QueueName, string> = { ISOLATED: 'isolated jobs', INLINE: 'in-thread jobs' }

/** The queue is busy: a job that is the next of its organization still waits for a slot. */
export const isBusy = ({ load }: Pick<WaitingFacts, 'load'>): boolean => load.queued > 0 || load.running >= load.slots

function behindOthers(facts: WaitingFacts): WaitingReason {
  const { job, load } = facts
  const { jobs, capped } = facts.before
  const line =
    jobs === 0
      ? 'It is the next of its organization'
      : jobs === null
        ? 'Other jobs of its organization come first'
        : `${capped ? 'More than ' : ''}${count(jobs, 'job')} of its organization ${jobs === 1 ? 'comes' : 'come'} first`
  // Where slots are kept, that reason has told of them.
  const busy = keptSlots(facts).length > 0 ? '' : ` ${slots(load)}`
  return reason('BEHIND', `${line}.${busy}`, { jobs, capped, queue: job.queue, ...load })
}

function inQueue({ job, load }: WaitingFacts): WaitingReason {
  const message = `It was handed to the queue${atText(job.queuedAt)} and waits for a free slot. ${slots(load)}`
  return reason('QUEUED', message, { queuedAt: iso(job.queuedAt), queue: job.queue, ...load })
}

const slots = ({ queued, running, slots: all }: WaitingFacts['load']) =>
  `${number(running)} of ${count(all, 'slot')} ${running === 1 ? 'is' : 'are'} busy, and ${count(queued, 'job')} ${queued === 1 ? 'is' : 'are'} in the queue.`

const reason = (code: WaitingCode, message: string, data: WaitingReason['data']): WaitingReason => ({
  code,
  message,
  data,
})

const number = (value: number) => value.toLocaleString('en')
const count = (value: number, noun: string) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`
const iso = (date: Date | null) => date?.toISOString() ?? null
const clock = (date: Date) => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
const sinceText = (date: Date | null) => (date ? ` since ${clock(date)}` : '')
const atText = (date: Date | null) => (date ? ` at ${clock(date)}` : '')
const reasonText = (text: string | null) => (text ? ` (“${text}”)` : '')

/** The time between two moments in its two largest units: "in 2 h 5 min". */
function spanText(now: Date, then: Date): string {
  const seconds = Math.max(1, Math.round((then.getTime() - now.getTime()) / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  const shown = parts.slice(first, first + 2).filter(([value]) => value > 0)
  return `in ${shown.map(([value, unit]) => `${value} ${unit}`).join(' ')}`
}
