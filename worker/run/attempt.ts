import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import pLimit from 'p-limit'
import {
  completed,
  failed,
  handedBack,
  issueAttemptToken,
  submitJob,
  timedOut,
  type Claimed,
  type Db,
  type FinishedArtifact,
  type Outcome,
} from '@/server/engine'
import type { Failure } from '@/server/engine/domain/failure'
import { retryDelay } from '@/server/engine/domain/retry-policy'
import { systemActor, type Json, type SubmitInput } from '@/server/engine/domain/types'
import { createLogger, type Logger } from '@/server/logger'
import type { ArtifactStore } from '@/server/storage'
import { beginAttemptTrace, type AttemptTrace } from './attempt-trace'
import type { AttemptHost } from './context'
import { writeHandlerLine, type LineLevel } from './handler-lines'
import type { Reporter } from './reporter'
import { JobStopped, type StopKind } from './stop'

/** How a handler ended, in whichever thread it ran. */
export type HandlerEnd = { ok: true; result: Json; hasResult: boolean } | { ok: false; failure: Failure }

/**
 * A handler that submits thousands at once must not take every connection of its worker: reports go by the same ones.
 */
const submitting = pLimit(2)

/** One attempt while this worker runs it: its signal, its reports, its files, and the outcome that is reported for it. */
export class Attempt implements AttemptHost {
  readonly controller = new AbortController()
  /** When the lease was last known to be good, by this process's monotonic clock. */
  leaseConfirmedAt: number
  readonly startedAt = performance.now()
  readonly artifacts: FinishedArtifact[] = []
  private readonly trace: AttemptTrace | undefined
  private stopKind: StopKind | undefined
  private onStop: ((kind: StopKind) => void)[] = []
  private timeout: NodeJS.Timeout | undefined
  private ended = false

  constructor(
    readonly claimed: Claimed,
    claimSentAt: number,
    private readonly db: Db,
    private readonly reporter: Reporter,
    private readonly files: ArtifactStore,
    private readonly logger: Logger = createLogger('worker'),
  ) {
    this.leaseConfirmedAt = claimSentAt
    this.trace = beginAttemptTrace(claimed)
    this.timeout = setTimeout(() => this.stop('timeout'), claimed.timeoutSeconds * 1000)
  }

  /** The trace that the handler's calls go on with. Null where nothing is traced. */
  get traceParent(): string | null {
    return this.trace?.traceParent ?? null
  }

  /** Ends the span of this attempt, with what became of it. */
  endTrace(outcome: string, error: string | null, at: number): void {
    this.trace?.span.end({ attributes: { 'jobyard.outcome': outcome }, error: error ?? undefined, at })
  }

  get stopped(): StopKind | undefined {
    return this.stopKind
  }

  /** The handler has ended; only its outcome may still have to be written. */
  get hasEnded(): boolean {
    return this.ended
  }

  /** Fires the handler's signal, once. The first kind of stop stays, but a lost lease takes the place of any other. */
  stop(kind: StopKind): void {
    if (this.ended || this.stopKind === 'lost' || (this.stopKind && kind !== 'lost')) return
    const first = this.stopKind === undefined
    this.stopKind = kind
    clearTimeout(this.timeout)
    if (first) this.controller.abort(new JobStopped(kind))
    for (const listener of this.onStop) listener(kind)
  }

  /**
   * Does not make the signal of an attempt that nobody stopped (context.ts says why).
   *
   * @throws JobStopped
   */
  throwIfStopped(): void {
    if (this.stopKind) this.controller.signal.throwIfAborted()
  }

  /** Calls `listener` at each stop, and at once where the attempt was stopped before. */
  whenStopped(listener: (kind: StopKind) => void): void {
    this.onStop.push(listener)
    if (this.stopKind) listener(this.stopKind)
  }

  /** Called when the handler has ended or its thread is gone. Nothing more is reported then. */
  end(): void {
    this.ended = true
    this.onStop = []
    clearTimeout(this.timeout)
  }

  progress(percent: number, message: string | null): void {
    if (this.ended) return
    const { jobId, attempt, organizationId } = this.claimed
    this.reporter.reportProgress({ jobId, attempt, organizationId, progress: percent, message })
  }

  log(level: 'INFO' | 'WARN' | 'ERROR', message: string): void {
    if (this.ended) return
    const { jobId, attempt } = this.claimed
    this.reporter.log({ jobId, attempt, level, message, at: new Date() })
    this.logInWorker(level, message)
  }

  /** Writes a line of the handler to the worker's own log only, and not to the log of the job. */
  logInWorker(level: LineLevel, message: string): void {
    writeHandlerLine(this.logger, this.claimed, level, message)
  }

  async artifact(name: string, content: Readable | Uint8Array, contentType: string): Promise<void> {
    const { organizationId, jobId, attempt } = this.claimed
    this.keepArtifact({
      name,
      contentType,
      ...(await this.files.stageArtifact({ organizationId, jobId, attempt }, content, {
        signal: this.controller.signal,
      })),
    })
  }

  /** Notes a staged file. A later one of the same name takes its place. */
  keepArtifact(file: Omit<FinishedArtifact, 'id'>): void {
    const before = this.artifacts.findIndex(({ name }) => name === file.name)
    if (before >= 0) this.artifacts.splice(before, 1)
    this.artifacts.push({ id: randomUUID(), ...file })
  }

  async submit(child: SubmitInput, index: number): Promise<{ id: string }> {
    const { jobId, organizationId, jobType, requestId, traceParent } = this.claimed
    const parent = this.traceParent ?? traceParent
    // By this key a later attempt finds the child that an earlier one submitted.
    const job = { ...child, idempotencyKey: child.idempotencyKey ?? `${jobId}:${index}` }
    const { id } = await submitting(() =>
      submitJob(this.db, {
        organizationId,
        job,
        actor: systemActor(`job ${jobType}`),
        origin: { requestId, traceParent: parent },
      }),
    )
    return { id }
  }

  async attemptToken(): Promise<string> {
    const token = await issueAttemptToken(this.db, this.claimed)
    if (token) return token
    // Somebody brought the job back meanwhile. The next renewal of its lease would say the same.
    this.stop('lost')
    throw new JobStopped('lost')
  }

  /**
   * What to report for this end. A timeout that came first decides. A handler that returned has completed, also after a
   * drain. Whether the job was canceled is for the database to decide, whatever is reported here.
   */
  outcome(end: HandlerEnd): Outcome {
    if (this.stopKind === 'timeout') {
      const failure = timeoutFailure(this.claimed.timeoutSeconds)
      return timedOut(this.claimed, failure, retryDelay(this.claimed, failure, Math.random()))
    }
    if (end.ok) {
      const { dedupeWindowSeconds } = this.claimed
      const result = end.hasResult ? end.result : undefined
      return completed(this.claimed, { result, dedupeWindowSeconds, artifacts: this.artifacts })
    }
    if (this.stopKind) return handedBack(this.claimed, this.stopKind === 'drain' ? 'Its worker was drained' : 'Stopped')
    return failed(this.claimed, end.failure, retryDelay(this.claimed, end.failure, Math.random()))
  }
}

const timeoutFailure = (seconds: number): Failure => ({
  message: `Timed out after ${seconds} s`,
  class: 'TRANSIENT',
  fingerprint: 'timed-out',
  stack: null,
  retryAfterSeconds: null,
})
