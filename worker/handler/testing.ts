import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { z } from 'zod'
import { toStoredJson } from '@/server/engine/domain/canonical-json'
import type { Failure } from '@/server/engine/domain/failure'
import { checkParameters, Meter, NO_LIMIT } from '@/server/engine/domain/parameters'
import type { Json, SubmitInput } from '@/server/engine/domain/types'
import { jobTypeOf } from '../catalog/job-type-of'
import { createContext, type AttemptHost } from '../run/context'
import { execute } from '../run/execute'
import { GRACE_MS, JobStopped, type StopKind } from '../run/stop'
import {
  PermanentError,
  type Handler,
  type HandlerContext,
  type MessageSettings,
  type OrganizationData,
  type OutsideSettings,
  type ParentJob,
  type UploadedFile,
} from './index'

// `@jobyard/handler/testing`: runs a handler without a worker and without a database, by the same code as a worker
// does.

export interface TestOptions {
  /** Cancels the job when it fires. */
  signal?: AbortSignal
  /** The job times out after this many milliseconds, and `onTimeout` is called. */
  timeoutMs?: number
  /** 1 by default. */
  attempt?: number
  job?: Partial<HandlerContext['job']>
  /** What `ctx.data` answers. A function that is not given throws. */
  data?: Partial<OrganizationData>
  outside?: OutsideSettings
  /** How `ctx.messages` says that messages are sent. No mail server where it is absent. */
  messages?: MessageSettings
  /** What `ctx.upload` finds, by the upload's id. */
  uploads?: Record<string, UploadedFile>
  /** What `ctx.parents` gives. None where it is absent. */
  parents?: ParentJob[]
  /** Called at each report, for a test that acts while the handler runs. */
  onProgress?: (percent: number, message: string | null) => void
  onLog?: (message: string) => void
}

export interface TestArtifact {
  name: string
  contentType: string
  bytes: Buffer
  text: string
}

/** How a run ended, and all that it reported. */
export interface TestRun {
  /**
   * REFUSED: the job type's parameter schema refuses the parameters, so there would be no job. FAILED and TIMED_OUT
   * would be retried as long as retries are left, DEAD_LETTER would not.
   */
  status: 'COMPLETED' | 'FAILED' | 'TIMED_OUT' | 'CANCELED' | 'DEAD_LETTER' | 'REFUSED'
  /** Null where it did not complete, or returned nothing. */
  result: Json
  error: Pick<Failure, 'message' | 'class' | 'stack' | 'retryAfterSeconds'> | null
  progress: { percent: number; message: string | null }[]
  logs: { level: 'INFO' | 'WARN' | 'ERROR'; message: string }[]
  artifacts: TestArtifact[]
  /** What it submitted, in order. */
  children: SubmitInput[]
}

/**
 * Runs a handler once and tells how it ended. It never rejects because of what the handler does.
 *
 * @throws Error where the handler goes on for 5 s after its signal fired: its thread would be ended, or its worker
 */
export async function testHandler<Schema extends z.ZodType>(
  handler: Handler<Schema>,
  parameters: unknown,
  options: TestOptions = {},
): Promise<TestRun> {
  const given = toStoredJson(parameters, 'parameters')
  const run: TestRun = {
    status: 'COMPLETED',
    result: null,
    error: null,
    progress: [],
    logs: [],
    artifacts: [],
    children: [],
  }
  const type = jobTypeOf(handler)
  const [wrong] = type ? checkParameters(type.parameterSchema, given, new Meter({ ...NO_LIMIT }, false)) : []
  if (wrong) {
    const error = { message: `${wrong.path} ${wrong.message}`, class: 'PERMANENT', stack: null } as const
    return { ...run, status: 'REFUSED', error: { ...error, retryAfterSeconds: null } }
  }
  const stop = new Stopper(options)
  const claimed = claimOf(handler.key, given, options)
  const ctx = createContext(claimed, stop.controller, recorder(run, options, stop.controller.signal), {
    data: {
      timeZone: () => Promise.resolve('UTC'),
      jobs: notGiven('jobs'),
      countJobs: notGiven('countJobs'),
      report: notGiven('report'),
      ...options.data,
    },
    outside: options.outside ?? null,
    messages: options.messages,
    parents: () => Promise.resolve(options.parents ?? []),
    upload(uploadId) {
      const upload = options.uploads?.[uploadId]
      return upload ? Promise.resolve(upload) : Promise.reject(new PermanentError(`There is no upload ${uploadId}`))
    },
  })
  try {
    const end = await Promise.race([
      execute(handler, claimed, ctx, () => stop.controller.signal.throwIfAborted(), process.cwd()),
      stop.deaf,
    ])
    if (stop.kind) return { ...run, status: stop.kind === 'timeout' ? 'TIMED_OUT' : 'CANCELED' }
    if (end.ok) return { ...run, result: end.result }
    const { message, class: errorClass, stack, retryAfterSeconds } = end.failure
    const error = { message, class: errorClass, stack, retryAfterSeconds }
    return { ...run, status: errorClass === 'PERMANENT' ? 'DEAD_LETTER' : 'FAILED', error }
  } finally {
    stop.over()
  }
}

/** Fires the handler's signal, for a cancel or a timeout, and watches whether the handler ends. */
class Stopper {
  readonly controller = new AbortController()
  /** Why the signal fired. Undefined where it did not. */
  kind: StopKind | undefined
  /** Rejects where the handler goes on past its grace. */
  readonly deaf: Promise<never>
  private readonly timers: NodeJS.Timeout[] = []
  private readonly cancel = () => this.stop('cancel')
  private giveUp: (error: Error) => void = () => undefined

  constructor(private readonly options: TestOptions) {
    this.deaf = new Promise((_, reject) => (this.giveUp = reject))
    this.deaf.catch(() => undefined)
    const { signal, timeoutMs } = options
    if (timeoutMs !== undefined) this.timers.push(setTimeout(() => this.stop('timeout'), timeoutMs))
    if (signal?.aborted) this.cancel()
    else signal?.addEventListener('abort', this.cancel, { once: true })
  }

  private stop(kind: 'cancel' | 'timeout'): void {
    if (this.kind) return
    this.kind = kind
    this.controller.abort(new JobStopped(kind))
    const late = new Error(
      `The handler goes on ${GRACE_MS[kind] / 1_000} s after its signal fired. Pass ctx.signal on, or call ctx.signal.throwIfAborted() in loops.`,
    )
    this.timers.push(setTimeout(() => this.giveUp(late), GRACE_MS[kind]))
  }

  over(): void {
    this.options.signal?.removeEventListener('abort', this.cancel)
    for (const timer of this.timers) clearTimeout(timer)
  }
}

/** Writes down what a handler reports. */
function recorder(run: TestRun, { onProgress, onLog }: TestOptions, signal: AbortSignal): AttemptHost {
  return {
    progress(percent, message) {
      run.progress.push({ percent, message })
      onProgress?.(percent, message)
    },
    log(level, message) {
      run.logs.push({ level, message })
      onLog?.(message)
    },
    async artifact(name, content, contentType) {
      const bytes = content instanceof Uint8Array ? Buffer.from(content) : await buffer(content as Readable)
      signal.throwIfAborted()
      const before = run.artifacts.findIndex((file) => file.name === name)
      if (before >= 0) run.artifacts.splice(before, 1)
      run.artifacts.push({ name, contentType, bytes, text: bytes.toString() })
    },
    submit(child) {
      run.children.push(child)
      return Promise.resolve({ id: `0199b2c0-0000-7000-8000-${String(run.children.length).padStart(12, '0')}` })
    },
    attemptToken: () => Promise.resolve('jy_attempt_of-a-test'),
  }
}

/** What a worker would have claimed. What a test does not give is as in a job type with the defaults. */
function claimOf(key: string, parameters: Json, { attempt = 1, job = {} }: TestOptions) {
  return {
    jobId: job.id ?? '0199b2c0-0000-7000-8000-000000000001',
    dispatch: attempt,
    organizationId: job.organizationId ?? '0199b2c0-0000-7000-8000-000000000002',
    organizationName: job.organizationName ?? 'Acme Robotics',
    jobType: job.jobType ?? key,
    handler: key,
    attempt,
    failures: job.failures ?? attempt - 1,
    maxRetries: job.maxRetries ?? 5,
    timeoutSeconds: job.timeoutSeconds ?? 300,
    backoffBaseSeconds: 60,
    backoffCapSeconds: 960,
    dedupeWindowSeconds: 300,
    createdAt: job.createdAt ?? new Date(),
    parameters,
    sensitive: [],
    readySeconds: 0,
    queuedSeconds: 0,
    requestId: null,
    traceParent: null,
  }
}

const notGiven = (name: string) => (): never => {
  throw new Error(`ctx.data.${name} is not there in this test: give it as testHandler(…, { data: { ${name} } })`)
}
