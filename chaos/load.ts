import { setTimeout as sleep } from 'node:timers/promises'
import { Refused, type Client } from './client'
import type { Expected, Kind, Unit } from './plan'
import type { Random } from './random'
import type { Tenant } from './tenants'

/** A submission that the product has accepted. */
export interface Accepted {
  id: string
  kind: Kind
  tenant: Tenant
  expected: Expected
  /** A person canceled or retried it, or may have: any end is right. */
  touched: boolean
}

/** How many calls may be on their way before the next submission is sent. */
const CALLS_AT_ONCE = 12
/** People act on one of the latest so many: older ones have mostly ended. */
const LATEST = 40

/** Submits a plan at an even pace, from many callers at once, and keeps what was said to each. */
export class Load {
  readonly accepted = new Map<string, Accepted>()
  /** Answers that no submission should have got. */
  readonly problems: string[] = []
  /** The jobs whose cancel was accepted. */
  readonly canceled: string[] = []
  rateLimited = 0
  duplicates = 0
  sent = 0
  private calls = 0
  private people: Promise<void>[] = []

  constructor(
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  /** Resolves when every submission has its answer. */
  async run(units: readonly Unit[], seconds: number, humans: boolean): Promise<void> {
    const from = performance.now()
    const pending: Promise<void>[] = []
    for (const [index, unit] of units.entries()) {
      const wait = from + (index * seconds * 1000) / units.length - performance.now()
      if (wait > 0) await sleep(wait)
      while (this.calls >= CALLS_AT_ONCE) await sleep(10)
      pending.push(this.submit(unit).catch((error: unknown) => void this.problems.push(String(error))))
      if (humans && this.accepted.size > 0 && this.random.chance(0.05)) this.people.push(this.somebody())
    }
    await Promise.all(pending)
    await Promise.all(this.people)
  }

  private async submit(unit: Unit): Promise<void> {
    const { kind, tenant, jobs } = unit
    if (kind === 'duplicates') return this.submitDuplicates(unit)
    if (jobs.length > 1) {
      const answer = await this.counted(() =>
        this.client.mutate<{ jobs: { id: string }[] }>(tenant, 'jobs.submitMany', { organizationId: tenant.id, jobs }),
      )
      answer.jobs.forEach(({ id }, index) => this.accept(id, unit, index))
      return
    }
    for (;;) {
      try {
        const { id } = await this.counted(() =>
          this.client.mutate<{ id: string }>(tenant, 'jobs.submit', { organizationId: tenant.id, ...jobs[0] }),
        )
        this.accept(id, unit, 0)
        if (kind === 'spin') this.people.push(this.cancel(id, tenant, 2_000))
        return
      } catch (error) {
        if (!(error instanceof Refused) || error.reason !== 'RATE_LIMITED' || kind !== 'counted') throw error
        this.rateLimited++
        await sleep(Number(error.data.retryAfterSeconds) * 1000)
      }
    }
  }

  /** Submits equal jobs at once: one is taken, and the others are told which one. */
  private async submitDuplicates(unit: Unit): Promise<void> {
    const { tenant, jobs } = unit
    const answers = await Promise.allSettled(
      jobs.map((job) =>
        this.counted(() =>
          this.client.mutate<{ id: string }>(tenant, 'jobs.submit', { organizationId: tenant.id, ...job }),
        ),
      ),
    )
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []))
    taken.forEach((id) => this.accept(id, unit, 0))
    if (taken.length !== 1)
      this.problems.push(`of ${jobs.length} identical submissions ${taken.length} were taken: ${taken.join(', ')}`)
    for (const answer of answers) {
      if (answer.status === 'fulfilled') continue
      const refusal = answer.reason as Error
      if (refusal instanceof Refused && refusal.reason === 'DUPLICATE_JOB' && refusal.data.existingJobId === taken[0])
        this.duplicates++
      else this.problems.push(`an identical submission was refused with ${String(refusal)} where ${taken[0]} was taken`)
    }
  }

  private accept(id: string, { kind, tenant, expected }: Unit, index: number): void {
    if (this.accepted.has(id)) this.problems.push(`${id} was given to two submissions`)
    this.accepted.set(id, { id, kind, tenant, expected: expected[index] ?? 'COMPLETED', touched: false })
  }

  /** A person cancels or retries something, without knowing how it stands. */
  private async somebody(): Promise<void> {
    const job = this.random.pick([...this.accepted.values()].slice(-LATEST))
    if (job.kind === 'duplicates' || job.kind === 'spin') return
    job.touched = true
    if (this.random.chance(0.6)) return this.cancel(job.id, job.tenant, 0)
    await this.counted(() => this.client.once(job.tenant, 'jobs.retry', { jobId: job.id, reason: 'chaos' })).catch(
      () => undefined,
    )
  }

  private async cancel(id: string, tenant: Tenant, afterMs: number): Promise<void> {
    await sleep(afterMs)
    try {
      await this.client.mutate(tenant, 'jobs.cancel', { jobId: id, reason: 'chaos' })
      this.canceled.push(id)
    } catch (error) {
      // A job that has ended already cannot be canceled.
      if (!(error instanceof Refused) || error.reason !== 'ILLEGAL_TRANSITION')
        this.problems.push(`a cancel of ${id}: ${String(error)}`)
    }
  }

  private async counted<T>(call: () => Promise<T>): Promise<T> {
    this.calls++
    this.sent++
    try {
      return await call()
    } finally {
      this.calls--
    }
  }
}
