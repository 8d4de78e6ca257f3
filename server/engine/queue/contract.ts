import type { QueueName } from '../domain/types'
import type { Message, Ticket } from './messages'

/**
 * BullMQ as the engine sees it, the same on Redis and on PostgreSQL. It only carries: when it loses
 * everything, the reconciler finds the jobs in PostgreSQL.
 */
export interface Carrier {
  readonly backend: 'redis' | 'postgresql'
  /** Resolves when the store answers now and has what BullMQ needs there. */
  ready(): Promise<void>
  /** @throws PublishRefused, or another error when it is unknown whether the messages arrived. */
  publish(queue: QueueName, messages: readonly Message[]): Promise<void>
  /** Takes waiting messages out; one that carries other jobs too stays, and one that is active or gone. */
  remove(queue: QueueName, ids: readonly string[]): Promise<void>
  /** Takes waiting messages out, whatever they carry: nothing of it may be current. */
  discard(queue: QueueName, ids: readonly string[]): Promise<void>
  /** Every message that the store holds, and whether a worker has it. */
  held(queue: QueueName): Promise<{ id: string; tickets: Ticket[]; active: boolean }[]>
  /** `yields` as in `Message`. */
  consume(
    queue: QueueName,
    concurrency: number,
    process: (tickets: Ticket[], yields: boolean) => Promise<void>,
  ): Consumer
  close(): Promise<void>
}

export interface Consumer {
  /** Takes nothing new; what is being processed goes on. */
  pause(): Promise<void>
  close(): Promise<void>
}

/** The queue's store did not take the messages, for certain: the jobs may go back at once. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused'
}

export interface CarrierOptions {
  databaseUrl: string
  redisUrl: string | undefined
  /** Distinguishes installations that share one Redis. */
  namespace: string
  onError: (error: Error) => void
}
