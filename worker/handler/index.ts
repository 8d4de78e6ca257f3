import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { JobTypeConfig } from '@/server/engine/domain/job-type-config'
import type { ErrorClass, JobStatus, Json, SubmitInput } from '@/server/engine/domain/types'
import type { OrganizationData } from '@/server/engine/reports'

// `@jobyard/handler`: all that the author of a handler imports (docs/handlers.md). It is loaded wherever a handler is,
// so at run time it brings nothing but Zod.

export { z } from 'zod'
export type { ExportedJob, OrganizationData, OrganizationReport } from '@/server/engine/reports'
export type { Json, SubmitInput } from '@/server/engine/domain/types'

/** What a handler gets beside its parameters. Everything it needs from outside comes through here. */
export interface HandlerContext {
  /** Fires on cancel, timeout, lost lease and drain; `signal.reason` is an Error that says which. */
  readonly signal: AbortSignal
  readonly job: {
    readonly id: string
    readonly organizationId: string
    readonly organizationName: string
    readonly jobType: string
    readonly createdAt: Date
    /** How many attempts have failed so far. An attempt that was handed back, or lost its worker, is not counted. */
    readonly failures: number
    readonly maxRetries: number
    readonly timeoutSeconds: number
  }
  /** 1 for the first run. It rises with every run, also after one that did not count as a failure. */
  readonly attempt: number
  /** 0 to 100; written at most once a second, the last value always. */
  progress(percent: number, message?: string): void
  readonly log: Record<'info' | 'warn' | 'error', (message: string) => void>
  /** Keeps a file with the job; it becomes visible when the attempt completes, never half-written. */
  artifact(name: string, content: Readable | Uint8Array, contentType: string): Promise<void>
  /**
   * A file that was uploaded to this job's organization (docs/uploads.md).
   * @throws PermanentError where there is none, or not all of it has come
   */
  upload(uploadId: string): Promise<UploadedFile>
  /** Submits a child in this job's organization; a later attempt finds the child that exists. */
  submit(child: SubmitInput): Promise<{ id: string }>
  /**
   * The jobs that this one waited for (`dependsOn`), in the order of their ids, with what they made. All are read at
   * once: a result has at most 256 KiB, and a job at most 1,000 parents.
   */
  parents(): Promise<ParentJob[]>
  /** Read-only view of this job's organization. */
  readonly data: OrganizationData
  /** How this installation calls services outside; null where its environment says nothing about that. */
  readonly outside: OutsideSettings | null
  /** How this installation sends messages to people. */
  readonly messages: MessageSettings
  /**
   * Begins the span of a call that is made without `fetch`, whose calls are traced by themselves. Undefined where
   * nothing is traced. `end` is called once, when the call is over.
   */
  traceCall(method: string, url: URL): TracedCall | undefined
  /**
   * A token for a service that carries out this attempt: with it, and until the attempt ends, it reports
   * progress and the outcome itself (docs/http-request.md). The signal fires once it has.
   */
  attemptToken(): Promise<string>
}

/** A job that the present one waited for. */
export interface ParentJob {
  id: string
  /** The `ref` by which the batch that made both jobs named it, or null. */
  ref: string | null
  jobType: string
  /** COMPLETED, or, where the job waited for its end alone, DEAD_LETTER or CANCELED. A retry may have begun since. */
  status: JobStatus
  /** What its handler returned. Null where it returned nothing, or did not complete. */
  result: Json
  /** Why it died, or null. */
  error: { message: string; class: ErrorClass } | null
  /** Its files. There are none unless it completed. */
  artifacts: ParentArtifact[]
}

/** A file of a parent. */
export interface ParentArtifact {
  name: string
  contentType: string
  /** Bytes. */
  size: number
  /** A stream of its bytes. Rejects where the storage does not answer, or retention has removed the file. */
  open(): Promise<Readable>
}

/** An uploaded file, as a handler reads it. */
export interface UploadedFile {
  readonly id: string
  /** The file's name, as the person who uploaded it gave it. Null where none was given. */
  readonly name: string | null
  /** What the person who uploaded it said. Nobody has checked it. */
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** The bytes from `start` (0) on, as often as you like. Memory stays the same however large the file is. */
  read(start?: number): Readable
}

/** A call within the trace of its attempt. */
export interface TracedCall {
  /** The header that the called service gets (W3C Trace Context). */
  readonly traceparent: string
  /** @param outcome the status of the answer, or what kept one from coming */
  end(outcome: { status: number } | { error: unknown }): void
}

/** What `http.request` needs of the environment. */
export interface OutsideSettings {
  /** Where services report, such as https://jobs.example.com/api/trpc. */
  callbackUrl: string
  /** From which the secret of each service is derived. */
  secret: string
  /** What may be called beside the public internet (server/engine/domain/destination.ts). */
  allow: string
}

/** What sending messages to people needs of the environment. */
export interface MessageSettings {
  /** Null where no mail server is set, and in the threads of isolated handlers: only inline handlers send mail. */
  mail: MailSettings | null
  /** What may be called beside the public internet (server/engine/domain/destination.ts). */
  allow: string
  /** The address of the dashboard, such as https://jobs.example.com, or null where it is not known. */
  dashboard: string | null
}

/** The mail server. */
export interface MailSettings {
  /** As in smtps://user:password@mail.example.com */
  url: string
  /** The sender, as in `Jobyard <jobyard@example.com>`. */
  from: string
}

/**
 * The settings that a handler's job type begins with. What is left out has the default of rule 2. A start makes the job
 * type where there is none; what an admin changes later stays.
 */
export interface JobTypeDefaults extends Partial<
  Omit<JobTypeConfig, 'name' | 'handler' | 'parameterSchema' | 'concurrency'>
> {
  /** What submissions are checked against, and what draws the form. Left out, it is made from the Zod schema. */
  parameterSchema?: { [key: string]: Json }
  concurrency?: Partial<JobTypeConfig['concurrency']>
}

/** What the file of a handler default-exports. */
export interface Handler<Schema extends z.ZodType = z.ZodType> {
  /** Names the handler, and its job type: a-z, 0-9, ".", "_" and "-", at most 100 characters. */
  key: string
  /** true: a thread of its own, which can be terminated. false: the worker's own thread, for short I/O. */
  isolated: boolean
  /** Checks the parameters again when the job runs, and fills in defaults. A job whose parameters it refuses is not retried. */
  schema: Schema
  /** Left out, no job type is made: this handler is for job types that an admin makes. */
  jobType?: JobTypeDefaults
  /** The returned value (JSON, at most 256 KiB) is the job's result. */
  run(params: z.output<Schema>, ctx: HandlerContext): Promise<unknown>
  /** Called once when the job timed out, right after its signal fired. It and `run` have 5 s from then on. */
  onTimeout?(params: z.output<Schema>, ctx: HandlerContext): Promise<void> | void
}

/** Types a handler. The file of a handler default-exports the result. */
export function defineHandler<Schema extends z.ZodType>(handler: Handler<Schema>): Handler<Schema> {
  return handler
}

/** Fails the attempt and retries it, however the error would have been classed. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** Seconds to wait before the retry, where that is longer than the backoff. */
  readonly retryAfter?: number
  constructor(message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = options.retryAfter
  }
}

/** Fails the job at once: no retry would help. So Jobyard does not look at its `retryAfter`. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError'
  readonly retryAfter?: number
  constructor(message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = options.retryAfter
  }
}
