import { orAborted } from './abort'
import { JobyardError, type Reason } from './errors'
import { jsonText } from './json-text'
import { after, backoffMs, pause } from './pause'

// Sends the calls of the client over HTTP, and decides which failed calls are sent again.

export interface TransportOptions {
  url: string | URL
  apiKey: string
  /** Replaces the global `fetch`. */
  fetch?: typeof globalThis.fetch
  /**
   * For how long a call is repeated while the server cannot be reached or asks to wait, in milliseconds. The default is
   * 30,000. Infinity means for ever.
   */
  patienceMs?: number
  /**
   * How long the first try may take, in milliseconds. The default is 15,000. Later tries may take up to 8 times as
   * long, so that a slow answer gets through. Infinity means any time.
   */
  callTimeoutMs?: number
}

export interface Call<T = unknown> {
  /** GET for queries, POST for mutations. */
  method: 'GET' | 'POST'
  /** The name of the procedure, such as `jobs.submit`. */
  procedure: string
  input: unknown
  signal: AbortSignal | undefined
  /**
   * False if doing it twice is not the same as doing it once, and `lookFirst` cannot tell either. Then only a try that
   * certainly did nothing is repeated.
   */
  repeatable: boolean
  /**
   * Called before repeating something that the server may already have done, with the error of that try. Returns the
   * answer if it was done, or undefined if it must be repeated. An error that it throws ends the call.
   */
  lookFirst?: (unanswered: JobyardError) => Promise<T | undefined>
}

export interface Transport {
  /** Calls a procedure, and repeats the call where that is safe. @throws JobyardError, or the signal's reason */
  call<T>(call: Call<T>): Promise<T>
  /** Makes one GET request with the key. The body is not read yet. @throws JobyardError, or the signal's reason */
  open(path: string, options: { accept: string; signal: AbortSignal | undefined }): Promise<Response>
  /**
   * Makes a GET request for any type of content, and repeats it as long as patience lasts. The caller reads the body.
   * That has no time limit, and only the signal ends it. @throws JobyardError, or the signal's reason
   */
  download(path: string, signal: AbortSignal | undefined): Promise<Response>
  /**
   * Makes a request that is no procedure, and repeats it as long as patience lasts. The body must be one that can be
   * sent again. `lookFirst` is as in `Call`.
   * @throws JobyardError for every answer that is no success
   */
  send(
    path: string,
    request: Pick<RequestInit, 'method' | 'headers' | 'body'>,
    options: Pick<Call<Response>, 'signal' | 'lookFirst'>,
  ): Promise<Response>
  /** The path `/api/trpc/<procedure>`, with the input as GET sends it. */
  pathOf(procedure: string, input: unknown): string
}

/** A refusal in the form of the API, in an answer or in a stream. */
export interface WireError {
  message: string
  data: { reason: string; httpStatus?: number; [name: string]: unknown }
}

/** The pauses between tries grow from the first to the longest. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 3_000

/** Creates the part that sends requests. No other part of the client knows the key or the network. */
export function createTransport({
  url,
  apiKey,
  fetch: given,
  patienceMs = 30_000,
  callTimeoutMs = 15_000,
}: TransportOptions): Transport {
  const base = new URL(url)
  // A browser's fetch refuses to run as a method of another object.
  const send: typeof globalThis.fetch = (input, init) => (given ?? globalThis.fetch)(input, init)

  /** @throws TypeError if the address belongs to another server */
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
        // The key goes to no other address.
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

  async function openOnce(target: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const response = await request(target, init, signal)
    if (response.ok) return response
    const body = (await response.json().catch(() => undefined)) as { error?: WireError } | undefined
    throw refusal(body?.error, response)
  }

  /** Makes one try. It ends when the signal fires or after `timeoutMs`, even if `work` does not notice. */
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
        // A server that asks to wait has done nothing. After any other error, nobody knows.
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
      return openOnce(addressOf(path), { headers: { accept } }, signal).catch((error: unknown) => {
        signal?.throwIfAborted()
        throw error
      })
    },
    async download(path, signal) {
      const target = addressOf(path)
      // The time limit of a try ends with the headers. The caller's signal also applies to the body.
      const both = (limit: AbortSignal) => (signal ? AbortSignal.any([signal, limit]) : limit)
      return patiently((limit) => openOnce(target, { headers: { accept: '*/*' } }, both(limit)), {
        signal,
        repeatable: true,
      })
    },
    async send(path, init, options) {
      const target = addressOf(path)
      return patiently((limit) => openOnce(target, init, limit), { ...options, repeatable: true })
    },
  }
}

function pathOf(procedure: string, input: unknown): string {
  return `/api/trpc/${procedure}${input === undefined ? '' : `?input=${encodeURIComponent(jsonText(input))}`}`
}

/** How many milliseconds to wait before another try. Null if the answer would not change. */
export function waitBefore(error: JobyardError, n: number): number | null {
  if (error.is('RATE_LIMITED')) return error.data.retryAfterSeconds * 1000
  if (error.is('NETWORK') || error.is('UNAVAILABLE')) return backoffMs(n, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
  return null
}

/** The error for a refusal. An answer without a reason does not come from Jobyard but from something in between. */
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

/** The header `Retry-After` in seconds. The header may also hold a date. */
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
