import { orAborted } from './abort'
import { JobyardError, type Reason } from './errors'
import { jsonText } from './json-text'
import { after, backoffMs, pause } from './pause'

export interface TransportOptions {
  url: string | URL
  apiKey: string
  /** Instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch
  /** How long a call is repeated while the server cannot be reached or asks to wait, in milliseconds (30,000); Infinity: for ever. */
  patienceMs?: number
  /** How long one try may take, in milliseconds (15,000); the next ones up to 8 times as long, so that what is merely slow gets through. Infinity: any time. */
  callTimeoutMs?: number
}

export interface Call<T = unknown> {
  /** GET for queries, POST for mutations. */
  method: 'GET' | 'POST'
  /** `jobs.submit` */
  procedure: string
  input: unknown
  signal: AbortSignal | undefined
  /** False where doing it twice is not the same as once, and `lookFirst` cannot tell: then only a try that certainly did nothing is repeated. */
  repeatable: boolean
  /**
   * Asked before a repetition of what the server may have done already, with the error of that try: the
   * answer where it has, undefined where it is to be repeated. What it throws ends the call.
   */
  lookFirst?: (unanswered: JobyardError) => Promise<T | undefined>
}

export interface Transport {
  /** Calls a procedure, again where that is safe. @throws JobyardError, or the signal's reason */
  call<T>(call: Call<T>): Promise<T>
  /** One GET under the key, its body still to be read. @throws JobyardError, or the signal's reason */
  open(path: string, options: { accept: string; signal: AbortSignal | undefined }): Promise<Response>
  /** The same for any type of content, and again until it is answered. The body is the caller's: no time limit, only the signal ends it. */
  download(path: string, signal: AbortSignal | undefined): Promise<Response>
  /** `/api/trpc/<procedure>`, with the input as GET sends it. */
  pathOf(procedure: string, input: unknown): string
}

/** A refusal as the API words it, in an answer or in a stream. */
export interface WireError {
  message: string
  data: { reason: string; httpStatus?: number; [name: string]: unknown }
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 3_000

/** The only part that knows the key and the network. */
export function createTransport({
  url,
  apiKey,
  fetch: given,
  patienceMs = 30_000,
  callTimeoutMs = 15_000,
}: TransportOptions): Transport {
  const base = new URL(url)
  // Called as a method of something else, a browser's fetch refuses.
  const send: typeof globalThis.fetch = (input, init) => (given ?? globalThis.fetch)(input, init)

  /** @throws TypeError for an address of another server */
  function addressOf(path: string): URL {
    const target = new URL(path, base)
    if (target.origin !== base.origin)
      throw new TypeError(
        `The path leads to ${target.origin}, but the API key may be sent to ${base.origin} only. Give a path of that server.`,
      )
    return target
  }

  async function request(target: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    try {
      return await send(target, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${apiKey}` },
        redirect: 'error',
        signal,
      })
    } catch (error) {
      throw unreached(base, error)
    }
  }

  async function exchange<T>({ method, procedure, input }: Call<T>, signal: AbortSignal): Promise<T> {
    const response =
      method === 'GET'
        ? await request(addressOf(pathOf(procedure, input)), {}, signal)
        : await request(
            addressOf(pathOf(procedure, undefined)),
            { method, headers: { 'content-type': 'application/json' }, body: jsonText(input ?? {}) },
            signal,
          )
    const body = (await response.json()) as { result?: { data: T }; error?: WireError } | undefined
    if (body?.result) return body.result.data
    throw refusal(body?.error, response)
  }

  async function openOnce(target: URL, accept: string, signal: AbortSignal | undefined): Promise<Response> {
    const response = await request(target, { headers: { accept } }, signal)
    if (response.ok) return response
    const body = (await response.json().catch(() => undefined)) as { error?: WireError } | undefined
    throw refusal(body?.error, response)
  }

  /** One try, which ends with the signal or after `timeoutMs`, whether its `work` hears of it or not. */
  async function limited<T>(
    work: (signal: AbortSignal) => Promise<T>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const limit = new AbortController()
    const stop = () => limit.abort(signal?.reason)
    const callOff = after(timeoutMs, () => limit.abort(new Error(`no answer within ${timeoutMs} ms`)))
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return await orAborted(work(limit.signal), limit.signal)
    } catch (error) {
      throw error instanceof JobyardError ? error : unreached(base, error)
    } finally {
      callOff()
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Tries as often as patience and the rules of `Call` allow. */
  async function patiently<T>(
    work: (signal: AbortSignal) => Promise<T>,
    { signal, repeatable, lookFirst }: Pick<Call<T>, 'signal' | 'repeatable' | 'lookFirst'>,
  ): Promise<T> {
    const end = Date.now() + patienceMs
    for (let n = 0; ; n++) {
      signal?.throwIfAborted()
      try {
        return await limited(work, callTimeoutMs * 2 ** Math.min(n, 3), signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof JobyardError)) throw error
        const waitMs = waitBefore(error, n)
        if (waitMs === null || Date.now() + waitMs > end) throw error
        // Asked to wait, it has done nothing; otherwise nobody knows.
        const unsure = !error.is('RATE_LIMITED')
        if (unsure && !repeatable) throw error
        await pause(waitMs, signal)
        const done = unsure ? await lookFirst?.(error) : undefined
        if (done !== undefined) return done
      }
    }
  }

  return {
    call: (asked) => patiently((signal) => exchange(asked, signal), asked),
    pathOf,
    async open(path, { accept, signal }) {
      signal?.throwIfAborted()
      return openOnce(addressOf(path), accept, signal).catch((error: unknown) => {
        signal?.throwIfAborted()
        throw error
      })
    },
    async download(path, signal) {
      const target = addressOf(path)
      // The limit of a try ends with the headers; the caller's signal holds for the body too.
      const both = (limit: AbortSignal) => (signal ? AbortSignal.any([signal, limit]) : limit)
      return patiently((limit) => openOnce(target, '*/*', both(limit)), { signal, repeatable: true })
    },
  }
}

function pathOf(procedure: string, input: unknown): string {
  return `/api/trpc/${procedure}${input === undefined ? '' : `?input=${encodeURIComponent(jsonText(input))}`}`
}

/** Milliseconds before it is worth another try; null where asking again would not change the answer. */
export function waitBefore(error: JobyardError, n: number): number | null {
  if (error.is('RATE_LIMITED')) return error.data.retryAfterSeconds * 1000
  if (error.is('NETWORK') || error.is('UNAVAILABLE')) return backoffMs(n, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
  return null
}

/** The error that stands for an answer of refusal; without a reason in it, it came from something in between. */
export function refusal(error: WireError | undefined, response?: Response): JobyardError {
  const status = response?.status ?? error?.data.httpStatus ?? null
  if (typeof error?.data?.reason !== 'string')
    return new JobyardError(
      'NETWORK',
      `The answer does not come from Jobyard (HTTP ${status}). Check the address of the server, and proxies before it.`,
      { status },
    )
  const { reason, httpStatus: _, code: __, ...data } = error.data
  if (reason === 'RATE_LIMITED') data.retryAfterSeconds = retryAfter(response) ?? data.retryAfterSeconds ?? 1
  return new JobyardError(reason as Reason, error.message, { data, status })
}

/** The header `Retry-After` in seconds, which may also be a date. */
function retryAfter(response: Response | undefined): number | undefined {
  const text = response?.headers.get('retry-after')
  if (!text) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

function unreached(base: URL, cause: unknown): JobyardError {
  return new JobyardError(
    'NETWORK',
    `${base.origin} did not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
}
