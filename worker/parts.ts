import { canceledTickets, createCarrier, messageId, type Carrier, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { openArtifactStore, openUploadStore } from '@/server/storage'
import { counter } from '@/server/telemetry/metrics/registry'
import { Announcer } from './announcer'
import { Dispatcher } from './dispatch/dispatcher'
import { Meter } from './dispatch/meter'
import type { Connections, WorkerOptions } from './options'
import { Attempt } from './run/attempt'
import { Claims } from './run/claims'
import { AttemptCloser } from './run/closer'
import { Consumer } from './run/consumer'
import type { IsolatedPool } from './run/isolated/pool'
import { LeaseKeeper } from './run/lease-keeper'
import { OutcomeWriter } from './run/outcomes'
import { Reporter } from './run/reporter'
import { HandlerRunner } from './run/runner'
import { SignalListener } from './signals'
import { StoreWatch } from './store-watch'
import { Maintenance } from './upkeep/maintenance'

const storeErrors = counter('jobyard_queue_store_errors_total')

/** What a worker is made of, as far as its start and its end have to do with it. */
export interface WorkerParts {
  id: string
  connections: Connections
  carrier: Carrier
  /** Moves jobs from PostgreSQL to BullMQ. */
  dispatcher: Dispatcher
  /** Takes jobs from BullMQ and runs them. */
  consumer: Consumer
  outcomes: OutcomeWriter
  pool: IsolatedPool
  leases: LeaseKeeper
  /** Does the leader's duties while this worker leads. */
  maintenance: Maintenance
  /** Hears what PostgreSQL tells this worker. */
  signals: SignalListener
  /** Knows whether BullMQ's store answers. */
  store: StoreWatch
  logger: Logger
}

/** Makes the parts of a worker and tells each of those that it works with. None of them runs yet. */
export function assemble(
  options: WorkerOptions,
  made: {
    id: string
    namespace: string
    pool: IsolatedPool
    /** Nothing but the end of the process ends what runs for this attempt. May be called more than once. */
    onUnstoppable: (attempt: Attempt) => void
  },
): WorkerParts {
  const { id, namespace, pool, onUnstoppable } = made
  const { connections, databaseUrl, logger, slots, crew } = options
  const { db, hotDb, leaseDb } = connections
  const tellStoreError = throttled((error) => logger.warn({ err: error }, 'the store of the queue reports an error'))
  const carrier = createCarrier({
    databaseUrl,
    redisUrl: options.redisUrl,
    namespace,
    crew: crew.name,
    onError(error) {
      storeErrors.inc()
      tellStoreError(error)
    },
  })
  const files = openArtifactStore(options.storage)
  const { announce } = new Announcer(db, logger)
  const store = new StoreWatch(carrier, logger)
  const meter = new Meter()
  const reporter = new Reporter(db, logger)
  const dispatcher = new Dispatcher({ db: hotDb, carrier, meter, logger, slots, crew, announce })
  const leases = new LeaseKeeper({
    db: leaseDb,
    workerId: id,
    logger,
    onOutlived: options.exit,
    onDrain: options.onDrain,
    storeOk: () => store.ok,
  })
  const outcomes = new OutcomeWriter({ db: hotDb, leases, logger, announce })
  const consumer = new Consumer({
    carrier,
    slots,
    claims: new Claims({ db: hotDb, workerId: id, crew, logger, announce }),
    begin: (claimed, claimSentAt) => new Attempt(claimed, claimSentAt, db, reporter, files, logger),
    runner: new HandlerRunner({
      pool,
      meter,
      databaseUrl,
      projectRoot: options.projectRoot,
      storage: options.storage,
      outside: options.outside,
      messages: options.messages,
      onUnstoppable,
    }),
    closer: new AttemptCloser({ db, reporter, files, leases, outcomes, logger }),
    leases,
    dispatcher,
  })
  const maintenance = new Maintenance({
    databaseUrl,
    db,
    carrier,
    files,
    uploads: openUploadStore(options.storage),
    logger,
    onChanged: () => {
      announce()
      dispatcher.somethingCame()
    },
  })
  const signals = new SignalListener({
    databaseUrl,
    logger,
    onWake: (organizationId) => dispatcher.somethingCame(organizationId),
    onCancel: (jobIds) => {
      leases.cancel(jobIds)
      // The leader removes what stays in the queue because a store is away.
      removeMessages(db, carrier, jobIds).catch(() => undefined)
    },
    onEndedOutside: (jobId, attempt) => leases.ended(jobId, attempt),
    onDrain: (workerId) => {
      if (workerId === id) options.onDrain()
    },
    onReconnect: () => {
      dispatcher.somethingCame()
      leases.poll().catch(() => undefined)
    },
  })
  return {
    id,
    connections,
    carrier,
    dispatcher,
    consumer,
    outcomes,
    pool,
    leases,
    maintenance,
    signals,
    store,
    logger,
  }
}

/** Takes the messages of canceled jobs out of BullMQ, to keep it short. Nothing depends on it: a claim refuses them. */
async function removeMessages(db: Db, carrier: Carrier, jobIds: string[]): Promise<void> {
  for (const { queue, crew, ...ticket } of await canceledTickets(db, jobIds)) {
    await carrier.remove(queue, [messageId(ticket)], crew).catch(() => undefined)
  }
}

/** A store that is away reports an error at every try. Of these, at most one line in 5 s is logged. */
function throttled(log: (error: Error) => void): (error: Error) => void {
  let last = -Infinity
  return (error) => {
    if (performance.now() - last < 5_000) return
    last = performance.now()
    log(error)
  }
}
