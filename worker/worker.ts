import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import {
  canceledTickets,
  createCarrier,
  installation,
  messageId,
  registerWorker,
  retireWorker,
  syncHandlers,
  warmUp,
  type Db,
  type Outcome,
  type QueueName,
} from '@/server/engine'
import type { Logger } from '@/server/logger'
import { openArtifactStore } from '@/server/storage'
import { Announcer } from './announcer'
import type { Attempt } from './run/attempt'
import { Consumer } from './run/consumer'
import { Dispatcher } from './dispatch/dispatcher'
import type { OutsideSettings } from './handler'
import { HANDLER_KEYS, handlerInfo } from './handlers/catalog'
import { IsolatedPool } from './run/isolated/pool'
import { LeaseKeeper } from './run/lease-keeper'
import { Maintenance } from './upkeep/maintenance'
import { Meter } from './dispatch/meter'
import { Reporter } from './run/reporter'
import { SignalListener } from './signals'

export interface WorkerOptions {
  db: Db
  /** For dispatches, claims and ends only: connections that have planned these statements. */
  hotDb: Db
  hotConnections: number
  /** For leases only. */
  leaseDb: Db
  databaseUrl: string
  redisUrl: string | undefined
  storageDir: string
  /** Cut from error messages and stacks. */
  projectRoot: string
  slots: Record<QueueName, number>
  /** Null where the environment says nothing about calls to services outside. */
  outside: OutsideSettings | null
  /** The file that isolated threads run. */
  threadFile: string
  host: string
  logger: Logger
  /** Ends the process at once: the only way to end a handler in our own thread that does not listen, or a thread that does not end. */
  exit: () => void
  /** An administrator asked for the end of this worker: drain it, and end the process. */
  onDrain: () => void
}

export interface RunningWorker {
  readonly id: string
  /**
   * Stops: takes nothing new at once, lets what runs go on for `seconds`, then signals it and hands
   * it back. Resolves when nothing of it runs or connects any more.
   */
  drain(seconds: number): Promise<void>
}

/** How long a worker that must exit waits for the others of its jobs to end after their signal. */
const LAST_WAIT_MS = 1_000
/** How long a drain waits for what closes, once nothing runs any more. */
const CLOSE_MS = 1_000

/** Starts everything that a worker process does; it keeps running through outages of its stores. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { db, hotDb, leaseDb, databaseUrl, logger, slots } = options
  const id = uuidv7()
  // First, as its first thread takes a while to load: it is there when the worker says that it takes work.
  const pool = new IsolatedPool({
    threads: slots.ISOLATED,
    filename: options.threadFile,
    databaseUrl,
    storageDir: options.storageDir,
    projectRoot: options.projectRoot,
    outside: options.outside,
  })
  const namespace = await untilConnected(logger, async () => {
    await syncHandlers(
      db,
      HANDLER_KEYS.map((key) => ({ key, queue: handlerInfo(key)?.isolated ? 'ISOLATED' : 'INLINE' })),
    )
    // What it says it can take, it can take at once.
    await warmUp(hotDb, options.hotConnections).catch((error: unknown) =>
      logger.warn({ err: error }, 'the first jobs will take longer: not all connections are ready'),
    )
    await registerWorker(db, {
      id,
      host: options.host,
      pid: process.pid,
      isolatedSlots: slots.ISOLATED,
      inlineSlots: slots.INLINE,
    })
    return installation(db)
  })
  const carrier = createCarrier({
    databaseUrl,
    redisUrl: options.redisUrl,
    namespace,
    onError: throttled((error) => logger.warn({ err: error }, 'the queue’s store')),
  })
  const { announce } = new Announcer(db, logger)
  const meter = new Meter()
  const reporter = new Reporter(db, logger)
  const files = openArtifactStore({ directory: options.storageDir })
  const leases = new LeaseKeeper({
    db: leaseDb,
    workerId: id,
    logger,
    onOutlived: options.exit,
    onDrain: options.onDrain,
  })
  const dispatcher = new Dispatcher({ db: hotDb, carrier, meter, logger, slots, announce })
  const consumer: Consumer = new Consumer({
    workerId: id,
    db,
    hotDb,
    carrier,
    files,
    pool,
    leases,
    meter,
    reporter,
    logger,
    projectRoot: options.projectRoot,
    databaseUrl,
    outside: options.outside,
    slots,
    announce,
    onClaimed: (queue, count) => dispatcher.claimed(queue, count),
    onEnded: (queue, count) => dispatcher.ended(queue, count),
    onDeaf: (attempt) => void leave(attempt),
  })
  const maintenance = new Maintenance({
    databaseUrl,
    db,
    carrier,
    files,
    logger,
    onChanged: () => {
      announce()
      dispatcher.wake()
    },
  })
  const signals = new SignalListener({
    databaseUrl,
    logger,
    onWake: () => dispatcher.wake(),
    onCancel: (jobIds) => {
      leases.cancel(jobIds)
      // What stays, because a store is away, the leader removes.
      removeMessages(jobIds).catch(() => undefined)
    },
    onEndedOutside: (jobId, attempt) => leases.ended(jobId, attempt),
    onDrain: (workerId) => {
      if (workerId === id) options.onDrain()
    },
    onReconnect: () => {
      dispatcher.wake()
      leases.poll().catch(() => undefined)
    },
  })

  /** A canceled job's message may as well leave BullMQ; the claim would refuse it in any case. */
  async function removeMessages(jobIds: string[]): Promise<void> {
    for (const { queue, ...ticket } of await canceledTickets(db, jobIds)) {
      await carrier.remove(queue, [messageId(ticket)]).catch(() => undefined)
    }
  }

  /**
   * A handler in our own thread is deaf past its grace, or a thread does not end, because it sits in a call outside
   * of JavaScript. Nothing but the end of the process ends it: take nothing new, hand the other jobs back, write its outcome as the last act, and go.
   */
  let leaving = false
  async function leave(deaf: Attempt): Promise<void> {
    if (leaving) return
    leaving = true
    logger.error(
      { jobId: deaf.claimed.jobId, handler: deaf.claimed.handler },
      'a handler does not stop, and cannot be stopped; the worker restarts',
    )
    leases.draining = true
    await Promise.race([Promise.all([dispatcher.stop(), consumer.pause()]), sleep(LAST_WAIT_MS)])
    for (const attempt of leases.attempts) attempt.stop('drain')
    await Promise.race([consumer.idle(), sleep(LAST_WAIT_MS)])
    const last = leases.attempts.filter((attempt) => attempt.stopped !== 'lost' && !attempt.hasEnded)
    await Promise.race([pool.close(), sleep(LAST_WAIT_MS)])
    await Promise.race([consumer.report(last.map(lastOutcome)), sleep(5_000)])
    options.exit()
  }

  leases.start()
  void signals.start()
  dispatcher.start()
  consumer.start()
  maintenance.start()
  logger.info({ workerId: id, backend: carrier.backend, slots }, 'worker started')

  return {
    id,
    async drain(seconds) {
      leases.draining = true
      // A store that is away delays what stops, and not the time that running jobs have.
      const stopped = Promise.all([dispatcher.stop(), consumer.pause(), maintenance.stop(), signals.stop()])
      await Promise.race([stopped.then(() => consumer.idle()), sleep(seconds * 1000, undefined, { ref: false })])
      for (const attempt of leases.attempts) attempt.stop('drain')
      await Promise.race([consumer.idle(), sleep(3_000, undefined, { ref: false })])
      await Promise.race([stopped.then(() => consumer.close()), sleep(CLOSE_MS, undefined, { ref: false })])
      // What was claimed in the meantime must go back as well, and not count as failed.
      for (const attempt of leases.attempts) attempt.stop('drain')
      await Promise.race([pool.close(), sleep(CLOSE_MS, undefined, { ref: false })])
      // The ends of terminated threads are still to be written.
      await Promise.race([consumer.idle(), sleep(1_000, undefined, { ref: false })])
      leases.stop()
      await retireWorker(db, id).catch(() => undefined)
      await carrier.close()
      await Promise.all([db.$disconnect(), hotDb.$disconnect(), leaseDb.$disconnect()])
      logger.info('worker stopped')
    },
  }
}

/** What to report for an attempt that will never end by itself. */
function lastOutcome(attempt: Attempt): Outcome {
  const { jobId, attempt: number } = attempt.claimed
  if (attempt.stopped === 'timeout') return attempt.outcome({ ok: false, failure: UNREACHABLE })
  return { kind: 'handBack', jobId, attempt: number, message: 'Its worker had to restart' }
}

const UNREACHABLE = { message: '', class: 'TRANSIENT', fingerprint: '', stack: null, retryAfterSeconds: null } as const

/** At start PostgreSQL may still be on its way up, or go away again: wait for it, and say so. `work` may be done more than once. */
async function untilConnected<T>(logger: Logger, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      logger.warn({ err: error }, 'PostgreSQL does not answer yet; trying again')
      await sleep(1_000)
    }
  }
}

/** A store that is away reports an error at every try: one line each 5 s says it. */
function throttled(log: (error: Error) => void): (error: Error) => void {
  let last = -Infinity
  return (error) => {
    if (performance.now() - last < 5_000) return
    last = performance.now()
    log(error)
  }
}
