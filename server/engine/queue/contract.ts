import type { QueueName } from '../domain/types'
import type { Message, Ticket } from './messages'

// What a carrier does: it takes messages to BullMQ's store and brings them back. There is one over Redis and one over
// PostgreSQL.

/**
 * BullMQ as the engine sees it, the same on Redis and on PostgreSQL. It only carries messages. If it loses all of them,
 * the reconciler (worker/upkeep/reconciler.ts) finds their jobs in PostgreSQL and makes them PENDING, so that the
 * dispatcher hands them out anew. A carrier belongs to a worker of one crew. Its methods are about the queues of this
 * crew, unless they are given another.
 */
export interface Carrier {
  readonly backend: 'redis' | 'postgresql'
  /** Resolves when the store answers and has what BullMQ needs in it. */
  ready(): Promise<void>
  /**
   * Hands messages to the queue.
   *
   * @throws PublishRefused where nothing was taken, or another error when it is unknown whether the messages arrived
   */
  publish(queue: QueueName, messages: readonly Message[]): Promise<void>
  /**
   * Takes waiting messages out of the queue. A message that carries other jobs too stays, and so does one that a worker
   * has. An id that is not there any more does no harm.
   */
  remove(queue: QueueName, ids: readonly string[], crew?: string): Promise<void>
  /**
   * Takes waiting messages out of the queue, whatever jobs they carry. The caller makes sure that none of these jobs is
   * QUEUED under the dispatch number that the message names.
   */
  discard(queue: QueueName, ids: readonly string[], crew?: string): Promise<void>
  /**
   * Every message in the store, and whether a worker has it. Waiting messages are read first: one that a worker takes
   * meanwhile is listed twice, and none is missed.
   */
  held(queue: QueueName, crew?: string): Promise<{ id: string; tickets: Ticket[]; active: boolean }[]>
  /** Closes what is open of the queues of another crew. Their messages stay. */
  leave(crew: string): Promise<void>
  /** `yields` as in `Message`. */
  consume(
    queue: QueueName,
    concurrency: number,
    process: (tickets: Ticket[], yields: boolean) => Promise<void>,
  ): Consumer
  close(): Promise<void>
}

export interface Consumer {
  /** Takes no new messages, for ever. Those that are being processed go on. */
  pause(): Promise<void>
  /** Ends at once, and waits for nothing that is being processed. */
  close(): Promise<void>
}

/** The store has certainly not taken the messages, so their jobs can go back at once. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused'
}

export interface CarrierOptions {
  databaseUrl: string
  redisUrl: string | undefined
  /** A name that differs between installations that share one Redis. */
  namespace: string
  /**
   * The name of the worker's crew, which is part of the queue's name (domain/crew.ts). Absent: the crew without a name.
   */
  crew?: string
  onError: (error: Error) => void
}
