import { orAborted } from './abort'
import { createActions, type ActionOptions } from './actions'
import type { Api, Artifact, Job, JobEvent, ListedJob } from './api'
import { createCaller, type CallOptions, type Caller } from './caller'
import { createTransport, type TransportOptions } from './transport'
import { waitForJob, type WaitOptions } from './wait'
import { watchEvents, type WatchTarget } from './watch'

export interface ClientOptions extends TransportOptions {
  /** The organization of every call that names no other. Default: the one that the key belongs to, and for `list` and `count` all that the key may see. */
  organizationId?: string
}

type OptionalOrganization<Input extends { organizationId: string }> = Omit<Input, 'organizationId'> & {
  organizationId?: string
}

/** A job to submit. */
export type Submission = OptionalOrganization<Api['jobs']['submit']['input']>
/** One job of `submitMany`. Its `dependsOn` may name the `ref` of another job in the same call. */
export type BatchSubmission = Api['jobs']['submitMany']['input']['jobs'][number]
/** Which jobs: all conditions must hold. */
export type JobFilter = Omit<NonNullable<Api['jobs']['list']['input']>, 'cursor' | 'limit' | 'direction' | 'include'>
export type WatchOptions = OptionalOrganization<WatchTarget>

/**
 * A client of one Jobyard. Calls that reach no server, or one that is restarting or asks to wait, are
 * repeated for `patienceMs`. Each throws JobyardError with a stable `reason`, or, aborted, the reason of its signal.
 */
export interface JobyardClient {
  /**
   * Submits a job, once: a repeated call carries the same idempotency key (yours, or one made for it),
   * so that the server answers it with the job it already has.
   *
   * @throws JobyardError DUPLICATE_JOB with `existingJobId`, INVALID_PARAMETERS with `fields`, RATE_LIMITED, QUEUE_FULL, …
   */
  submit(job: Submission, options?: CallOptions): Promise<Job>
  /** Submits up to 1,000 jobs, all or none, each once as in `submit`; they come back in the same order. */
  submitMany(jobs: readonly BatchSubmission[], options?: CallOptions & { organizationId?: string }): Promise<Job[]>
  /** @throws JobyardError NOT_FOUND */
  get(jobId: string, options?: CallOptions): Promise<Job>
  /** Every job that fits, in the client's `organizationId` unless the filter names another, the newest first, read page by page as it is taken. Parameters and results above 2 KiB are null (`truncated`) unless `include` names them. With `waiting` in it each job says why it waits. */
  list(
    filter?: JobFilter,
    options?: CallOptions & { pageSize?: number; include?: ('parameters' | 'result' | 'waiting')[] },
  ): AsyncGenerator<ListedJob, void, undefined>
  /** How many fit, as in `list`; counting stops at 10,000, and then `capped` is true. */
  count(filter?: JobFilter, options?: CallOptions): Promise<{ count: number; capped: boolean }>
  /**
   * Waits until the job is COMPLETED, CANCELED or DEAD_LETTER, and returns it: look at its `status`.
   * Once it has seen the job it waits through any outage of the server.
   *
   * @throws JobyardError WAIT_TIMEOUT after `timeoutMs`; NOT_FOUND, also when it is deleted meanwhile;
   * NETWORK, UNAVAILABLE or RATE_LIMITED only where the job was not to be had from the start, for
   * `patienceMs`; and whatever `onEvent` throws
   */
  waitFor(jobId: string, options?: WaitOptions): Promise<Job>
  /**
   * Events of an organization, or of one job, as they happen. Connections that break are made anew from
   * the last event on: none is left out, none comes twice, and those of a job come in order.
   */
  watch(options?: WatchOptions): AsyncGenerator<JobEvent, void, undefined>
  /**
   * Cancels a job: at once where it waits; one that runs is told to stop, and ends as CANCELED. After a
   * try that got no answer it is asked again only where the job shows that it was not done.
   *
   * @throws JobyardError ILLEGAL_TRANSITION when it has ended
   */
  cancel(jobId: string, options?: ActionOptions): Promise<Job>
  /**
   * Runs a job again that is FAILED, TIMED_OUT, CANCELED or DEAD_LETTER. After a try that got no answer
   * the job's history says whether it was done: then the job is returned, which may have run and be
   * COMPLETED; otherwise it is asked again.
   *
   * @throws JobyardError ILLEGAL_TRANSITION; NETWORK or UNAVAILABLE also at once, where after such a try
   * the job lies retried and failed (or canceled) anew, and its history cannot tell whether by this call:
   * look at it, and decide
   */
  retry(jobId: string, options?: ActionOptions): Promise<Job>
  /** The answer with the bytes of one of a job's `artifacts`. The call is repeated until the answer begins. When the body breaks off later, the caller gets the error. */
  download(artifact: Pick<Artifact, 'url'>, options?: CallOptions): Promise<Response>
  /** Every other procedure of the API, by its name. */
  readonly api: Caller
}

/**
 * Makes a client. It opens no connection before it is used and has nothing to close.
 *
 * @example
 * const jobyard = createJobyardClient({ url: 'https://jobs.example.com', apiKey })
 * const job = await jobyard.submit({ jobType: 'report.operations', parameters: {} })
 * const { status, result } = await jobyard.waitFor(job.id)
 */
export function createJobyardClient({ organizationId: chosen, ...options }: ClientOptions): JobyardClient {
  const transport = createTransport(options)
  let own: Promise<string> | undefined

  const query = <T>(procedure: string, input: unknown, signal: AbortSignal | undefined) =>
    transport.call<T>({ method: 'GET', procedure, input, signal, repeatable: true })
  /** For calls that carry an idempotency key, and so may be repeated. */
  const submit = <T>(procedure: string, input: unknown, signal: AbortSignal | undefined) =>
    transport.call<T>({ method: 'POST', procedure, input, signal, repeatable: true })

  /** `list` and `count` ask without an organization for all that the key may see. */
  const within = (filter: JobFilter): JobFilter => ({ ...filter, organizationId: filter.organizationId ?? chosen })

  /** The organization of a call. Where none is named, the server is asked once which one the key belongs to. */
  async function organizationOf(given: string | undefined, signal: AbortSignal | undefined): Promise<string> {
    const named = given ?? chosen
    if (named !== undefined) return named
    own ??= ownOrganization().catch((error: unknown) => {
      own = undefined
      throw error
    })
    // Other calls that wait for the same answer go on waiting.
    return orAborted(own, signal)
  }
  async function ownOrganization(): Promise<string> {
    const { organizations } = await query<Api['session']['me']['output']>('session.me', undefined, undefined)
    const [first, second] = organizations
    if (!first || second) throw new TypeError('This key belongs to no single organization: name the organizationId.')
    return first.id
  }

  const get = (jobId: string, { signal }: CallOptions = {}) => query<Job>('jobs.get', { jobId }, signal)

  return {
    api: createCaller(transport),
    get,

    async submit({ organizationId, ...job }, { signal } = {}) {
      const input = { organizationId: await organizationOf(organizationId, signal), ...withKey(job) }
      return submit<Job>('jobs.submit', input, signal)
    },

    async submitMany(jobs, { organizationId, signal } = {}) {
      const input = { organizationId: await organizationOf(organizationId, signal), jobs: jobs.map(withKey) }
      return (await submit<{ jobs: Job[] }>('jobs.submitMany', input, signal)).jobs
    },

    async *list(filter = {}, { pageSize = 100, include, signal } = {}) {
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page: Api['jobs']['list']['output'] = await query(
          'jobs.list',
          { ...within(filter), cursor, limit: pageSize, include },
          signal,
        )
        yield* page.items
        cursor = page.nextCursor
      }
    },

    count: (filter = {}, { signal } = {}) => query('jobs.count', within(filter), signal),

    waitFor: (jobId, options = {}) => waitForJob(transport, (id, signal) => get(id, { signal }), jobId, options),

    async *watch({ organizationId, ...options } = {}) {
      yield* watchEvents(transport, {
        ...options,
        organizationId: await organizationOf(organizationId, options.signal),
      })
    },

    ...createActions(transport, get),

    download: (artifact, { signal } = {}) => transport.download(artifact.url, signal),
  }
}

/** With a key of its own, unless it has one. Made of random bytes, as `randomUUID` is not to be had on pages without TLS. */
function withKey<T extends { idempotencyKey?: string }>(job: T): T {
  if (job.idempotencyKey !== undefined) return job
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  return {
    ...job,
    idempotencyKey: `client-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  }
}
