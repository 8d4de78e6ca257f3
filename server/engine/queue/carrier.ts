import { once } from 'node:events'
import { Queue, Worker, createPostgresBackend, type Job, type WorkerOptions } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import type { QueueName } from '../domain/types'
import { QUEUES, toData, toTickets, type Message, type MessageData, type Ticket } from './messages'

/** The queue's store did not take the messages, for certain: the jobs may go back at once. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused'
}

export interface Consumer {
  /** Takes nothing new; what is being processed goes on. */
  pause(): Promise<void>
  close(): Promise<void>
}

/**
 * BullMQ as the engine sees it, the same on Redis and on PostgreSQL. It only carries: when it loses
 * everything, the reconciler finds the jobs in PostgreSQL.
 */
export interface Carrier {
  readonly backend: 'redis' | 'postgresql'
  /** Resolves when the store answers now. */
  ready(): Promise<void>
  /** @throws PublishRefused, or another error when it is unknown whether the messages arrived. */
  publish(queue: QueueName, messages: readonly Message[]): Promise<void>
  /** Takes waiting messages out; one that carries other jobs too stays, and one that is active or gone. */
  remove(queue: QueueName, ids: readonly string[]): Promise<void>
  /** Takes waiting messages out, whatever they carry: nothing of it may be current. */
  discard(queue: QueueName, ids: readonly string[]): Promise<void>
  /** Every message that the store holds, and whether a worker has it. */
  held(queue: QueueName): Promise<{ id: string; tickets: Ticket[]; active: boolean }[]>
  consume(queue: QueueName, concurrency: number, process: (tickets: Ticket[]) => Promise<void>): Consumer
  close(): Promise<void>
}

export interface CarrierOptions {
  databaseUrl: string
  redisUrl: string | undefined
  /** Distinguishes installations that share one Redis. */
  namespace: string
  onError: (error: Error) => void
}

/** How long a command to the queue's store may take before its result counts as unknown. */
const COMMAND_MS = 5_000

/** The one place that knows which store BullMQ runs on. */
export function createCarrier(options: CarrierOptions): Carrier {
  return options.redisUrl ? new RedisCarrier(options, options.redisUrl) : new PostgresCarrier(options)
}

abstract class BullCarrier implements Carrier {
  abstract readonly backend: Carrier['backend']
  abstract ready(): Promise<void>
  protected abstract openQueue(name: string): Queue
  protected abstract openWorker(name: string, process: (job: Job<MessageData>) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): Worker
  protected abstract refused(error: unknown): boolean
  private readonly queues = new Map<QueueName, Queue>()

  constructor(protected readonly options: CarrierOptions) {}

  async publish(queue: QueueName, messages: readonly Message[]): Promise<void> {
    const jobs = messages.map((message) => ({
      name: 'run',
      data: toData(message),
      opts: { jobId: message.id, attempts: 1, lifo: message.ahead === true, removeOnComplete: true, removeOnFail: true },
    }))
    try {
      const [only, ...others] = jobs
      // One alone needs no transaction around it, which halves its way on PostgreSQL.
      const added = only && others.length === 0 ? this.queue(queue).add(only.name, only.data, only.opts) : this.queue(queue).addBulk(jobs)
      await withTimeout<unknown>(added, 'publish')
    } catch (error) {
      throw this.refused(error) ? new PublishRefused('the queue did not take the messages', { cause: error }) : error
    }
  }

  async remove(queue: QueueName, ids: readonly string[]): Promise<void> {
    const at = this.queue(queue)
    const removeOne = async (id: string) => {
      const job = (await at.getJob(id)) as Job<MessageData> | undefined
      if (job && toTickets(job.data).length === 1) await at.remove(id)
    }
    await withTimeout(Promise.all(ids.map(removeOne)), 'remove')
  }

  async discard(queue: QueueName, ids: readonly string[]): Promise<void> {
    const at = this.queue(queue)
    await withTimeout(Promise.all(ids.map((id) => at.remove(id))), 'remove')
  }

  async held(queue: QueueName): Promise<{ id: string; tickets: Ticket[]; active: boolean }[]> {
    const at = this.queue(queue)
    // Waiting first: a message that moves in between is then seen twice, never missed.
    const waiting = await withTimeout(at.getJobs(['waiting', 'prioritized', 'delayed'], 0, -1), 'list')
    const active = await withTimeout(at.getJobs(['active'], 0, -1), 'list')
    const messages = (jobs: (Job<MessageData> | undefined)[], isActive: boolean) =>
      jobs.flatMap((job) => (job?.id ? [{ id: job.id, tickets: toTickets(job.data), active: isActive }] : []))
    return [...messages(waiting, false), ...messages(active, true)]
  }

  consume(queue: QueueName, concurrency: number, process: (tickets: Ticket[]) => Promise<void>): Consumer {
    const worker = this.openWorker(QUEUES[queue], (job) => process(toTickets(job.data)), {
      concurrency,
      // The lease in PostgreSQL decides whether an attempt lives; BullMQ's own lock must never run a
      // job twice, which a stalled count above 0 does although attempts is 1.
      lockDuration: 30_000,
      maxStalledCount: 0,
      stalledInterval: 15_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    })
    worker.on('error', this.options.onError)
    return {
      pause: () => worker.pause(true),
      close: () => withTimeout(worker.close(true), 'close').catch(this.options.onError),
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => withTimeout(queue.close(), 'close').catch(this.options.onError)))
  }

  private queue(name: QueueName): Queue {
    let queue = this.queues.get(name)
    if (!queue) {
      queue = this.openQueue(QUEUES[name])
      queue.on('error', this.options.onError)
      this.queues.set(name, queue)
    }
    return queue
  }
}

class RedisCarrier extends BullCarrier {
  readonly backend = 'redis'
  private readonly prefix: string
  private readonly client: Redis
  private readonly consumers: Redis[] = []

  constructor(options: CarrierOptions, private readonly url: string) {
    super(options)
    this.prefix = `jobyard-${options.namespace}`
    // Without an offline queue a command to a Redis that is away fails at once instead of waiting.
    this.client = this.connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS })
  }

  async ready(): Promise<void> {
    if (this.client.status !== 'ready') await withTimeout(once(this.client, 'ready'), 'connect')
    await withTimeout(this.client.ping(), 'ping')
  }

  protected openQueue(name: string): Queue {
    return new Queue(name, { connection: this.client, prefix: this.prefix, skipVersionCheck: true })
  }

  protected openWorker(name: string, process: (job: Job<MessageData>) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): Worker {
    const connection = this.connect({ maxRetriesPerRequest: null })
    this.consumers.push(connection)
    return new Worker(name, process, { ...options, connection, prefix: this.prefix, skipVersionCheck: true })
  }

  /** Redis answered with an error, or was not there to be asked. */
  protected refused(error: unknown): boolean {
    const { name, message, code } = error as { name?: string; message?: string; code?: string }
    return name === 'ReplyError' || code === 'ECONNREFUSED' || /enableOfflineQueue|OOM|LOADING|READONLY|EXECABORT/.test(message ?? '')
  }

  override async close(): Promise<void> {
    await super.close()
    for (const connection of [this.client, ...this.consumers]) connection.disconnect()
  }

  private connect(options: RedisOptions): Redis {
    const client = new Redis(this.url, {
      ...options,
      connectTimeout: COMMAND_MS,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    })
    client.on('error', this.options.onError)
    return client
  }
}

class PostgresCarrier extends BullCarrier {
  readonly backend = 'postgresql'

  // The dispatcher has just talked to the same server.
  async ready(): Promise<void> {}

  protected openQueue(name: string): Queue {
    return new Queue(name, { connection: this.connection(4) }, createPostgresBackend) as unknown as Queue
  }

  protected openWorker(name: string, process: (job: Job<MessageData>) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): Worker {
    return new Worker(name, process, { ...options, connection: this.connection(8) }, createPostgresBackend) as unknown as Worker
  }

  /** The server answered with an error, or was not there to be asked. */
  protected refused(error: unknown): boolean {
    const { code } = error as { code?: string }
    return code === 'ECONNREFUSED' || (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57') && !code.startsWith('08'))
  }

  private connection(max: number) {
    return { connectionString: this.options.databaseUrl, max, migrate: true, application_name: 'jobyard-queue' }
  }
}

async function withTimeout<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the queue's store did not answer (${what}) within ${COMMAND_MS / 1000} s`)), COMMAND_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
