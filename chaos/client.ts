import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random'
import type { Tenant } from './tenants'

/** A refusal that the product means: asking again would not change it. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly data: Record<string, unknown>,
  ) {
    super(`${reason}: ${message}`)
  }
}

/** Answers of a server in trouble: the call is made again. */
const TROUBLE = new Set(['INTERNAL', 'UNAVAILABLE'])
/** Refusals that end by themselves here: an administrator resumes what was suspended. */
const FOR_NOW = new Set(['ORGANIZATION_SUSPENDED'])
/** How long one call may take. */
const CALL_MS = 10_000
/** How long a call is made again. Faults may last for half a minute, and a halt for some seconds. */
const PATIENCE_MS = 150_000

/** Calls the product over HTTP as a service would, on whichever web process answers. */
export class Client {
  /** How many calls had to be made again. */
  repeated = 0

  constructor(
    private readonly urls: readonly string[],
    private readonly random: Random,
  ) {}

  /**
   * Calls until there is a definite answer, which needs a call that may be repeated (an idempotency key).
   *
   * @throws Refused, or Error when nobody answered for minutes
   */
  async mutate<T>(tenant: Tenant, procedure: string, input: object): Promise<T> {
    const end = performance.now() + PATIENCE_MS
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await this.once<T>(tenant, procedure, input)
      } catch (error) {
        if (error instanceof Refused && !FOR_NOW.has(error.reason)) throw error
        if (performance.now() > end)
          throw new Error(`${procedure} got no definite answer in ${PATIENCE_MS / 1000} s`, { cause: error })
        this.repeated++
        await sleep(pause)
      }
    }
  }

  /** One call. @throws Refused, or Error when what became of it is not known */
  async once<T>(tenant: Tenant, procedure: string, input: object): Promise<T> {
    const late = new AbortController()
    // Where a server was killed, fetch of Node 20 may lose its signal and never resolve: the campaign does not wait for
    // it.
    const never = sleep(2 * CALL_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${procedure}: fetch did not settle`)
    })
    return Promise.race([this.call<T>(tenant, procedure, input), never]).finally(() => late.abort())
  }

  private async call<T>(tenant: Tenant, procedure: string, input: object): Promise<T> {
    const response = await fetch(`${this.random.pick(this.urls)}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}` },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(CALL_MS),
    })
    const body = (await response.json()) as {
      result?: { data: T }
      error?: { message: string; data: Record<string, unknown> }
    }
    if (body.result) return body.result.data
    const reason = String(body.error?.data.reason ?? response.status)
    if (response.status >= 500 || TROUBLE.has(reason)) throw new Error(`${procedure}: ${reason}`)
    throw new Refused(reason, body.error?.message ?? '', body.error?.data ?? {})
  }
}
