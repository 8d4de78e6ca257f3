import { isAmendable, isFinal, isRetryable, isUnfinished } from '../domain/state'
import type { JobStatus } from '../domain/types'

// The engine as rule 3 and rule 4 of docs/specification.md describe it, small enough to be checked against them by
// reading. It knows no time: a job is due or it is not. There are one organization and two job types. A COMPLETED job
// of `plain` still holds its hash, one of `zero` does not.

export type TypeName = 'plain' | 'zero'
export type PauseScope = 'platform' | 'plain' | 'organization'
export type End = 'complete' | 'fail' | 'timeOut' | 'dead' | 'handBack'

export interface ModelJob {
  readonly type: TypeName
  /** Identical jobs have the same parameters; null: submitted with dedupe: false. */
  hash: string | null
  readonly parents: readonly string[]
  /** Those of its parents of which it only wants that they end, in whatever way. */
  readonly ended: readonly string[]
  /**
   * It waits for no parent any more. What becomes of its parents then changes nothing, until it is brought back itself.
   */
  released: boolean
  status: JobStatus
  dispatch: number
  attempt: number
  failures: number
  /** How often its lease was lost since it was submitted or a person retried it. */
  lost: number
  /** FAILED and TIMED_OUT: the time of the retry has come. */
  due: boolean
  /** PENDING: its run time lies ahead. */
  scheduled: boolean
  cancelRequested: boolean
  /** The job whose death it died of. */
  cause: string | null
  history: JobStatus[]
}

/** A job dies when its lease is lost for the fifth time. */
const MAX_LOST = 5

export class Model {
  readonly jobs = new Map<string, ModelJob>()
  /** Deleted jobs that were not COMPLETED: what waited for them never runs. */
  readonly deleted = new Set<string>()
  readonly paused = new Set<PauseScope>()
  readonly disabled = new Set<TypeName>()
  suspended = false

  job(id: string): ModelJob {
    const job = this.jobs.get(id)
    if (!job) throw new Error(`the model knows no job ${id}`)
    return job
  }

  ids(where: (job: ModelJob, id: string) => boolean = () => true): string[] {
    return [...this.jobs].filter(([id, job]) => where(job, id)).map(([id]) => id)
  }

  children(id: string): string[] {
    return this.ids((job) => job.parents.includes(id))
  }

  /** Parents that it waits for. */
  open(job: ModelJob): string[] {
    if (job.released) return []
    return job.parents.filter((id) =>
      job.ended.includes(id)
        ? this.jobs.has(id) && isUnfinished(this.job(id).status)
        : this.deleted.has(id) || (this.jobs.has(id) && this.job(id).status !== 'COMPLETED'),
    )
  }

  private isDead(id: string): boolean {
    return this.deleted.has(id) || (this.jobs.has(id) && ['DEAD_LETTER', 'CANCELED'].includes(this.job(id).status))
  }

  /** Parents that died and that it needs. */
  private deadParents(job: ModelJob): string[] {
    return job.parents.filter((id) => !job.ended.includes(id) && this.isDead(id))
  }

  /** Lets go what waits for nothing any more. */
  private release(): void {
    for (const job of this.jobs.values())
      if (job.status === 'PENDING' && !job.released && this.open(job).length === 0) job.released = true
  }

  /** Who holds a hash: an unfinished job, or a COMPLETED one within its window. */
  holder(hash: string | null, type: TypeName, except?: string): string | undefined {
    if (hash === null) return undefined
    return this.ids(
      (job, id) =>
        id !== except &&
        job.hash === hash &&
        job.type === type &&
        (isUnfinished(job.status) || (job.status === 'COMPLETED' && job.type === 'plain')),
    ).at(-1)
  }

  held(job: ModelJob): boolean {
    return (
      this.suspended ||
      this.disabled.has(job.type) ||
      this.paused.has('platform') ||
      this.paused.has('organization') ||
      (job.type === 'plain' && this.paused.has('plain'))
    )
  }

  eligible(): string[] {
    return this.ids(
      (job) =>
        ['PENDING', 'FAILED', 'TIMED_OUT'].includes(job.status) &&
        this.open(job).length === 0 &&
        !this.isLater(job) &&
        !this.held(job),
    )
  }

  /** Its time has not come. */
  isLater({ status, due, scheduled }: ModelJob): boolean {
    return status === 'PENDING' ? scheduled : !due
  }

  /** The reason for which a submission is refused. Undefined: it is accepted. */
  refusesSubmission(job: Pick<ModelJob, 'type' | 'hash' | 'parents' | 'ended'>): string | undefined {
    if (this.suspended) return 'ORGANIZATION_SUSPENDED'
    if (this.disabled.has(job.type)) return 'JOB_TYPE_DISABLED'
    if (job.parents.some((id) => !job.ended.includes(id) && this.isDead(id))) return 'INVALID_DEPENDENCY'
    if (this.holder(job.hash, job.type)) return 'DUPLICATE_JOB'
    return undefined
  }

  submit(id: string, given: Pick<ModelJob, 'type' | 'hash' | 'parents' | 'ended'>): void {
    this.jobs.set(id, {
      ...given,
      status: 'PENDING',
      dispatch: 0,
      attempt: 0,
      failures: 0,
      lost: 0,
      due: true,
      scheduled: false,
      cancelRequested: false,
      cause: null,
      released: false,
      history: ['PENDING'],
    })
    this.release()
  }

  dispatch(id: string): void {
    const job = this.move(id, 'QUEUED')
    job.dispatch++
    job.due = true
  }

  claim(id: string): void {
    const job = this.job(id)
    if (this.held(job)) return void this.move(id, 'PENDING')
    this.move(id, 'RUNNING').attempt++
  }

  /** What a running attempt reports; a cancel that was asked before wins. */
  end(id: string, end: End, due: boolean): 'written' | 'canceled' {
    const job = this.job(id)
    if (job.cancelRequested) {
      this.die(id, 'CANCELED')
      return 'canceled'
    }
    if (end === 'complete') {
      this.move(id, 'COMPLETED')
      this.release()
    }
    if (end === 'handBack') this.move(id, 'PENDING')
    if (end === 'fail' || end === 'timeOut') {
      this.move(id, end === 'fail' ? 'FAILED' : 'TIMED_OUT').failures++
      job.due = due
    }
    if (end === 'dead') {
      job.failures++
      this.die(id, 'DEAD_LETTER')
    }
    return 'written'
  }

  loseLease(id: string): void {
    const job = this.job(id)
    job.lost++
    if (job.cancelRequested) this.die(id, 'CANCELED')
    else if (job.lost >= MAX_LOST) this.die(id, 'DEAD_LETTER')
    else this.move(id, 'PENDING')
  }

  cancel(id: string): string | undefined {
    const job = this.job(id)
    if (isFinal(job.status)) return 'ILLEGAL_TRANSITION'
    if (job.status === 'RUNNING') job.cancelRequested = true
    else this.die(id, 'CANCELED')
    return undefined
  }

  retry(id: string): string | undefined {
    const job = this.job(id)
    if (this.suspended) return 'ORGANIZATION_SUSPENDED'
    if (!isRetryable(job.status)) return 'ILLEGAL_TRANSITION'
    if (this.deadParents(job).length > 0) return 'INVALID_DEPENDENCY'
    // Whoever died of it comes back with it, unless something else it waits for is dead too.
    const died = this.ids((other) => other.cause === id)
    const alive = new Set([id, ...died])
    const causes = new Map<string, string>()
    for (let before = -1; before !== causes.size;) {
      before = causes.size
      for (const child of died) {
        // Of several dead parents, the one with the lowest id counts.
        const parents = this.deadParents(this.job(child)).sort()
        const parent = parents.find((each) => alive.has(child) && !alive.has(each))
        if (!parent) continue
        alive.delete(child)
        causes.set(child, causes.get(parent) ?? this.jobs.get(parent)?.cause ?? parent)
      }
    }
    const revived = [...alive]
    if (revived.some((each) => this.holder(this.job(each).hash, this.job(each).type, each))) return 'DUPLICATE_JOB'
    const hashes = revived.flatMap((each) => this.job(each).hash ?? [])
    if (new Set(hashes).size < hashes.length) return 'DUPLICATE_JOB'
    for (const [child, cause] of causes) this.job(child).cause = cause
    for (const each of revived)
      Object.assign(this.move(each, 'PENDING'), {
        failures: 0,
        lost: 0,
        due: true,
        cancelRequested: false,
        cause: null,
        released: false,
      })
    this.release()
    return undefined
  }

  /** A change of a job that waits: of its time, its parameters, or neither (its priority). */
  update(id: string, change: { later?: boolean; hash?: string }): string | undefined {
    const job = this.job(id)
    if (this.suspended) return 'ORGANIZATION_SUSPENDED'
    if (!isAmendable(job.status)) return 'ILLEGAL_TRANSITION'
    if (job.hash !== null && change.hash !== undefined) {
      if (this.holder(change.hash, job.type, id)) return 'DUPLICATE_JOB'
      job.hash = change.hash
    }
    if (change.later !== undefined)
      Object.assign(job, job.status === 'PENDING' ? { scheduled: change.later } : { due: !change.later })
    job.history.push(job.status)
    return undefined
  }

  delete(id: string): string | undefined {
    const job = this.job(id)
    if (!isFinal(job.status)) return 'ILLEGAL_TRANSITION'
    if (this.children(id).some((child) => isUnfinished(this.job(child).status))) return 'ILLEGAL_TRANSITION'
    if (job.status !== 'COMPLETED') this.deleted.add(id)
    this.jobs.delete(id)
    this.release()
    return undefined
  }

  private move(id: string, to: JobStatus): ModelJob {
    const job = this.job(id)
    job.status = to
    job.history.push(to)
    return job
  }

  /** With it dies everything that waits for it to complete. What waits for its end goes on. */
  private die(id: string, as: 'DEAD_LETTER' | 'CANCELED'): void {
    this.move(id, as).cancelRequested = false
    const queue = [id]
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const child of this.children(at)) {
        const job = this.job(child)
        if (job.status !== 'PENDING' || job.released || job.ended.includes(at)) continue
        this.move(child, 'DEAD_LETTER').cause = id
        queue.push(child)
      }
    }
    this.release()
  }
}
