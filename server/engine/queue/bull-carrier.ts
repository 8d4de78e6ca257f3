import { setTimeout as sleep } from 'node:timers/promises'
import { Worker, type Job, type Queue, type WorkerOptions } from 'bullmq'
import { QUEUE_NAMES, type QueueName } from '../domain/types'
import { PublishRefused, type Carrier, type CarrierOptions, type Consumer } from './contract'
import { nameOfQueue, toData, toTickets, type Message, type MessageData, type Ticket } from './messages'

/** How many milliseconds a command to the queue's store may take. After that, nobody knows whether it was done. */
export const COMMAND_MS = 5_000
/** Milliseconds between two attempts of a consumer to reach its store. */
const AGAIN_MS = 500

/** The part of BullMQ that is the same on both of its stores, Redis and PostgreSQL. */
export abstract class BullCarrier implements Carrier {
  abstract readonly backend: Carrier['backend']
  /** Resolves when the store answers. */
  protected abstract reach(): Promise<void>
  protected abstract openQueue(name: string): Queue
  protected abstract openWorker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): Worker
  /** True where the store has certainly not done what it was asked. */
  protected abstract refused(error: unknown): boolean
  /** The queues that are open, by their names in BullMQ. */
  private readonly queues = new Map<string, Queue>()
  private readonly crew: string

  constructor(protected readonly options: CarrierOptions) {
    this.crew = options.crew ?? ''
  }

  async ready(): Promise<void> {
    await this.reach()
    await Promise.all(QUEUE_NAMES.map((queue) => this.queue(queue)))
  }

  async publish(queue: QueueName, messages: readonly Message[]): Promise<void> {
    const jobs = messages.map((message) => ({
      name: 'run',
      data: toData(message),
      opts: {
        jobId: message.id,
        attempts: 1,
        lifo: message.ahead === true,
        removeOnComplete: true,
        removeOnFail: true,
      },
    }))
    const opened = await this.queue(queue).catch((cause: unknown) => {
      throw new PublishRefused("the queue's store was not reached", { cause })
    })
    try {
      const [only, ...others] = jobs
      // A single message needs no transaction, which takes half as long on PostgreSQL.
      await withTimeout<unknown>(
        only && others.length === 0 ? opened.add(only.name, only.data, only.opts) : opened.addBulk(jobs),
        'publish',
      )
    } catch (error) {
      this.noticed(error)
      throw this.refused(error) ? new PublishRefused('the queue did not take the messages', { cause: error }) : error
    }
  }

  async remove(queue: QueueName, ids: readonly string[], crew?: string): Promise<void> {
    const opened = await this.queue(queue, crew)
    const removeOne = async (id: string) => {
      const job = (await opened.getJob(id)) as Job<MessageData> | undefined
      if (job && toTickets(job.data).length === 1) await opened.remove(id)
    }
    await withTimeout(Promise.all(ids.map(removeOne)), 'remove')
  }

  async discard(queue: QueueName, ids: readonly string[], crew?: string): Promise<void> {
    const opened = await this.queue(queue, crew)
    await withTimeout(Promise.all(ids.map((id) => opened.remove(id))), 'remove')
  }

  async leave(crew: string): Promise<void> {
    if (crew === this.crew) return
    for (const name of QUEUE_NAMES.map((queue) => nameOfQueue(queue, crew))) {
      const queue = this.queues.get(name)
      this.queues.delete(name)
      if (queue) await withTimeout(queue.close(), 'close').catch(this.options.onError)
    }
  }

  async held(queue: QueueName, crew?: string): Promise<{ id: string; tickets: Ticket[]; active: boolean }[]> {
    const opened = await this.queue(queue, crew)
    // Waiting messages are listed first. A message that becomes active in between is then seen twice, and never missed.
    const waiting = await this.list(opened, ['waiting', 'prioritized', 'delayed'])
    const active = await this.list(opened, ['active'])
    const messages = (jobs: (Job<MessageData> | undefined)[], isActive: boolean) =>
      jobs.flatMap((job) => (job?.id ? [{ id: job.id, tickets: toTickets(job.data), active: isActive }] : []))
    return [...messages(waiting, false), ...messages(active, true)]
  }

  consume(
    queue: QueueName,
    concurrency: number,
    process: (tickets: Ticket[], yields: boolean) => Promise<void>,
  ): Consumer {
    const open = () => {
      const worker = this.openWorker(
        nameOfQueue(queue, this.crew),
        (job: Job<MessageData>) => process(toTickets(job.data), job.data.yields === true),
        {
          autorun: false,
          concurrency,
          // The lease in PostgreSQL decides whether an attempt lives. BullMQ must never run a message twice because its
          // own lock was lost. With a stalled count above 0 it would, although its number of attempts is 1. Times are in
          // milliseconds.
          lockDuration: 30_000,
          maxStalledCount: 0,
          stalledInterval: 15_000,
          runRetryDelay: 1_000,
          removeOnComplete: { count: 0 },
          removeOnFail: { count: 0 },
        },
      )
      worker.on('error', (error) => {
        this.noticed(error)
        this.options.onError(error)
      })
      return worker
    }
    let worker = open()
    let stopped = false
    const run = async () => {
      while (!stopped) {
        try {
          await worker.waitUntilReady()
          if (!stopped) await worker.run()
          return
        } catch (error) {
          // A BullMQ worker whose first connection failed never tries again, so another worker is made.
          this.noticed(error)
          this.options.onError(error as Error)
          await sleep(AGAIN_MS, undefined, { ref: false })
          if (stopped) return
          void worker.close(true).catch(() => undefined)
          worker = open()
        }
      }
    }
    void run()
    return {
      pause: async () => {
        stopped = true
        await worker.pause(true)
      },
      close: async () => {
        stopped = true
        await withTimeout(worker.close(true), 'close').catch(this.options.onError)
      },
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.queues.values()].map((queue) => withTimeout(queue.close(), 'close').catch(this.options.onError)),
    )
  }

  /** Called at every error of the store, so that a carrier can restore what is missing there. */
  protected noticed(_error: unknown): void {}

  private async list(queue: Queue, states: Parameters<Queue['getJobs']>[0]): Promise<(Job<MessageData> | undefined)[]> {
    try {
      // From the first to the last: all of them.
      return await withTimeout(queue.getJobs(states, 0, -1), 'list')
    } catch (error) {
      this.noticed(error)
      throw error
    }
  }

  /** A queue that is connected. BullMQ keeps a failed first connection for ever, so such a queue is replaced. */
  private async queue(of: QueueName, crew = this.crew): Promise<Queue> {
    const name = nameOfQueue(of, crew)
    let queue = this.queues.get(name)
    if (!queue) {
      queue = this.openQueue(name)
      queue.on('error', this.options.onError)
      this.queues.set(name, queue)
      const opened = queue
      opened.waitUntilReady().catch((error: unknown) => {
        this.noticed(error)
        if (this.queues.get(name) === opened) this.queues.delete(name)
        void opened.close().catch(() => undefined)
      })
    }
    await withTimeout(queue.waitUntilReady(), 'connect')
    return queue
  }
}

/**
 * A worker that pauses when its store refuses it. BullMQ's own worker would ask again without a pause for as long as
 * the store refuses.
 */
export class PatientWorker extends Worker {
  protected override async moveToActive(
    ...args: Parameters<Worker['moveToActive']>
  ): ReturnType<Worker['moveToActive']> {
    try {
      return await super.moveToActive(...args)
    } catch (error) {
      await sleep(AGAIN_MS, undefined, { ref: false })
      throw error
    }
  }
}

/** Processes a message. It never rejects because of what a job does. */
export type Process = (job: Job<MessageData>) => Promise<void>

/** Rejects when the store has not answered within `COMMAND_MS`. The command may still be carried out afterwards. */
export async function withTimeout<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queue's store did not answer (${what}) within ${COMMAND_MS / 1000} s`)),
      COMMAND_MS,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
