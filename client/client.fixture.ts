import { inspect } from 'node:util'
import { createJobyardClient, JobyardError, type ClientOptions } from './index'

// A client whose server answers as a test says, for tests of the client.

export const KEY = 'jy_live_secret'
export const ORG = '01900000-0000-7000-8000-000000000001'

export interface Seen {
  path: string
  body: { [name: string]: unknown }
  headers: Headers
  signal: AbortSignal
}
export type Reply = Response | Error | 'silence'

/** A client whose server gives these answers one after the other. After the last one, it never answers. */
export function client(replies: Reply[], options: Partial<ClientOptions> = {}) {
  const seen: Seen[] = []
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    const signal = init.signal!
    seen.push({
      path: url.pathname + url.search,
      body: JSON.parse(String(init.body ?? '{}')) as Seen['body'],
      headers: new Headers(init.headers),
      signal,
    })
    const reply = replies[seen.length - 1] ?? 'silence'
    if (reply === 'silence')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    if (reply instanceof Error) throw reply
    return reply
  }
  return {
    seen,
    jobyard: createJobyardClient({ url: 'http://jobyard.test', apiKey: KEY, organizationId: ORG, fetch, ...options }),
  }
}
export const ok = (data: unknown) => Response.json({ result: { data } })
export const refused = (reason: string, status: number, more: object = {}, headers: Record<string, string> = {}) =>
  Response.json(
    { error: { message: `${reason}!`, code: -32000, data: { reason, code: 'X', httpStatus: status, ...more } } },
    { status, headers },
  )
export const cut = () => new TypeError('fetch failed')
export const job = { jobType: 'sample.noop' }

/** Returns the error with which a call fails. */
export async function failure(work: Promise<unknown>): Promise<JobyardError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof JobyardError)) throw new Error(`expected a JobyardError, got ${inspect(error)}`)
  return error
}

/** The input of a query. */
export const inputOf = ({ path }: Seen): unknown => JSON.parse(new URLSearchParams(path.split('?')[1]).get('input')!)
/** The name of the called procedure, such as `jobs.get`. */
export const procedureOf = ({ path }: Pick<Seen, 'path'>) => path.split('?')[0]!.replace('/api/trpc/', '')
