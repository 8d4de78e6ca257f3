import { once } from 'node:events'
import { Queue, type Worker, type WorkerOptions } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { BullCarrier, COMMAND_MS, PatientWorker, withTimeout, type Process } from './bull-carrier'
import type { CarrierOptions } from './contract'

/** BullMQ on Redis. */
export class RedisCarrier extends BullCarrier {
  readonly backend = 'redis'
  private readonly prefix: string
  private readonly client: Redis
  private readonly consumers: Redis[] = []

  constructor(
    options: CarrierOptions,
    private readonly url: string,
  ) {
    super(options)
    this.prefix = `jobyard-${options.namespace}`
    // Without an offline queue a command fails at once while Redis is away, and does not wait for it to come back.
    this.client = this.connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS })
  }

  protected async reach(): Promise<void> {
    if (this.client.status !== 'ready') await withTimeout(once(this.client, 'ready'), 'connect')
    await withTimeout(this.client.ping(), 'ping')
  }

  protected openQueue(name: string): Queue {
    // The version of Redis was checked before the process started (server/deployment/queue-store.ts).
    return new Queue(name, { connection: this.client, prefix: this.prefix, skipVersionCheck: true })
  }

  protected openWorker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): Worker {
    // A consumer waits in one command for its next message. BullMQ demands that this command is never given up.
    const connection = this.connect({ maxRetriesPerRequest: null })
    this.consumers.push(connection)
    return new PatientWorker(name, process, { ...options, connection, prefix: this.prefix, skipVersionCheck: true })
  }

  /**
   * True where Redis answered with an error, or could not be connected to. Some errors are known only by their text:
   * there is no connection (enableOfflineQueue), or Redis is full, is still loading its data, takes no writes, or has
   * given up a transaction (EXECABORT).
   */
  protected refused(error: unknown): boolean {
    const { name, message, code } = error as { name?: string; message?: string; code?: string }
    return (
      name === 'ReplyError' ||
      code === 'ECONNREFUSED' ||
      /enableOfflineQueue|OOM|LOADING|READONLY|EXECABORT/.test(message ?? '')
    )
  }

  override async close(): Promise<void> {
    await super.close()
    for (const connection of [this.client, ...this.consumers]) connection.disconnect()
  }

  private connect(options: RedisOptions): Redis {
    const client = new Redis(this.url, {
      ...options,
      connectTimeout: COMMAND_MS,
      // Milliseconds until it connects again: 100, 200, 400 … up to 2 s.
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    })
    client.on('error', this.options.onError)
    return client
  }
}
