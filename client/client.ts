import { orAborted } from './abort'
import { createActions, type ActionOptions } from './actions'
import type { Api, Artifact, Job, JobEvent, ListedJob } from './api'
import { createCaller, type CallOptions, type Caller } from './caller'
import { createTransport, type TransportOptions } from './transport'
import { uploadFile, type UploadOptions } from './upload'
import { waitForJob, type WaitOptions } from './wait'
import { watchEvents, type WatchTarget } from './watch'

// The client of Jobyard for services: submits jobs, waits for them and reads them.

export interface ClientOptions extends TransportOptions {
  /**
   * The organization of every call that does not name one. Without it, calls use the organization that the key belongs
   * to, and `list` and `count` use all that the key may see.
   */
  organizationId?: string
}

type OptionalOrganization<Input extends { organizationId: string }> = Omit<Input, 'organizationId'> & {
  organizationId?: string
}

/** A job to submit. */
export type Submission = OptionalOrganization<Api['jobs']['submit']['input']>
/** One job of `submitMany`. Its `dependsOn` may name the `ref` of another job in the same call. */
export type BatchSubmission = Api['jobs']['submitMany']['input']['jobs'][number]
/** Selects jobs. A job must meet all conditions. */
export type JobFilter = Omit<NonNullable<Api['jobs']['list']['input']>, 'cursor' | 'limit' | 'direction' | 'include'>
export type WatchOptions = OptionalOrganization<WatchTarget>

/**
 * A client of one Jobyard server. A call is repeated for `patienceMs` if it reaches no server, or a server that
 * restarts or asks to wait. A failed call throws JobyardError with a stable `reason`. An aborted call throws the reason
 * of its signal.
 */
export interface JobyardClient {
  /**
   * Submits a job exactly once. A repeated call carries the same idempotency key, yours or one made for it. The server
   * then answers with the job that it already has.
   *
   * @throws JobyardError DUPLICATE_JOB with `existingJobId`, INVALID_PARAMETERS with `fields`, RATE_LIMITED,
   * QUEUE_FULL, …
   */
  submit(job: Submission, options?: CallOptions): Promise<Job>
  /**
   * Submits up to 1,000 jobs, either all or none, each exactly once as in `submit`. They are returned in the same
   * order.
   */
  submitMany(jobs: readonly BatchSubmission[], options?: CallOptions & { organizationId?: string }): Promise<Job[]>
  /** @throws JobyardError NOT_FOUND */
  get(jobId: string, options?: CallOptions): Promise<Job>
  /**
   * Every job that matches, the newest first. Without an organization in the filter, it lists the jobs of the client's
   * `organizationId`. Pages are read as you take the jobs. Parameters and results above 2 KiB are null (`truncated`)
   * unless `include` names them. With `waiting` in `include`, each job tells why it waits.
   */
  list(
    filter?: JobFilter,
    options?: CallOptions & { pageSize?: number; include?: ('parameters' | 'result' | 'waiting')[] },
  ): AsyncGenerator<ListedJob, void, undefined>
  /**
   * How many jobs match, with the same filter as `list`. Where counting stopped early, at 10,000 or, for words or
   * parameters over several organizations, before, `capped` is true.
   */
  count(filter?: JobFilter, options?: CallOptions): Promise<{ count: number; capped: boolean }>
  /**
   * Waits until the job is COMPLETED, CANCELED or DEAD_LETTER, and returns it. Look at its `status`. Once it has read
   * the job, it waits through any outage of the server.
   *
   * @throws JobyardError WAIT_TIMEOUT after `timeoutMs`; NOT_FOUND, also if the job is deleted meanwhile;
   * NETWORK, UNAVAILABLE or RATE_LIMITED only if the job could not be read in the first `patienceMs`;
   * and everything that `onEvent` throws
   */
  waitFor(jobId: string, options?: WaitOptions): Promise<Job>
  /**
   * Events of an organization, or of one job, as they happen. A broken connection is opened again after the last event.
   * No `status` event is left out unless a `reset` says so, none comes twice, and the events of a job come in order. Of
   * `progress` the latest counts, and values before it may be left out.
   */
  watch(options?: WatchOptions): AsyncGenerator<JobEvent, void, undefined>
  /**
   * Cancels a job. A waiting job is canceled at once. A running job is told to stop, and ends as CANCELED. After a try
   * without an answer, the client asks again only if the job shows that nothing was done.
   *
   * @throws JobyardError ILLEGAL_TRANSITION if the job has ended
   */
  cancel(jobId: string, options?: ActionOptions): Promise<Job>
  /**
   * Runs a job again that is FAILED, TIMED_OUT, CANCELED or DEAD_LETTER. After a try without an answer, the job's
   * history tells whether the retry was done. If it was, the job is returned, and it may already be COMPLETED. If it
   * was not, the client asks again.
   *
   * @throws JobyardError ILLEGAL_TRANSITION; NETWORK or UNAVAILABLE also at once, if after such a try the job was
   * retried and has failed or been canceled again, and its history cannot tell whether by this call. Then look at
   * the job and decide.
   */
  retry(jobId: string, options?: ActionOptions): Promise<Job>
  /**
   * Returns the answer with the bytes of one of a job's `artifacts`. The call is repeated until the answer begins. If
   * the body breaks off later, the caller gets the error.
   */
  download(artifact: Pick<Artifact, 'url'>, options?: CallOptions): Promise<Response>
  /**
   * Uploads a file for a job to read, in pieces, and goes on where it stopped when a connection breaks. Name its
   * `uploadId` in a job's parameters. In Node.js, `fs.openAsBlob` reads the file as it is sent, so its size costs no
   * memory.
   *
   * @throws JobyardError INVALID_INPUT for an empty file, TOO_LARGE, NOT_PERMITTED, RATE_LIMITED when too many uploads
   * are kept already, …
   */
  upload(file: Blob, options?: UploadOptions): Promise<{ uploadId: string; size: number }>
  /**
   * Every query and mutation of the API, by its name. A mutation is repeated only if the server asked to wait. The
   * methods above are safer, because they can find out whether a call without an answer was carried out.
   */
  readonly api: Caller
}

/**
 * Creates a client. It opens no connection before it is used, and there is nothing to close.
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
  /** Makes a call that carries an idempotency key and may therefore be repeated. */
  const submit = <T>(procedure: string, input: unknown, signal: AbortSignal | undefined) =>
    transport.call<T>({ method: 'POST', procedure, input, signal, repeatable: true })

  /**
   * Adds the client's organization to a filter. Without one, `list` and `count` ask for everything that the key may
   * see.
   */
  const within = (filter: JobFilter): JobFilter => ({ ...filter, organizationId: filter.organizationId ?? chosen })

  /** The organization of a call. If none is named, the client asks the server once which one the key belongs to. */
  async function organizationOf(given: string | undefined, signal: AbortSignal | undefined): Promise<string> {
    const named = given ?? chosen
    if (named !== undefined) return named
    own ??= ownOrganization().catch((error: unknown) => {
      own = undefined
      throw error
    })
    // Only this call stops waiting when its signal fires. Other calls go on waiting for the same answer.
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

    async upload(file, { organizationId, ...options } = {}) {
      return uploadFile(transport, file, {
        ...options,
        organizationId: await organizationOf(organizationId, options.signal),
      })
    },
  }
}

/**
 * Gives a job an idempotency key, unless it has one. It uses random bytes, because `randomUUID` does not exist on pages
 * without TLS.
 */
function withKey<T extends { idempotencyKey?: string }>(job: T): T {
  if (job.idempotencyKey !== undefined) return job
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  return {
    ...job,
    idempotencyKey: `client-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  }
}
