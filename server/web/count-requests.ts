import { counter, histogram } from '@/server/telemetry/metrics/registry'

const requests = counter('jobyard_http_requests_total')
const seconds = histogram('jobyard_http_request_seconds')

type Kind = 'procedure' | 'artifact' | 'upload' | 'sign-in' | 'health' | 'metrics' | 'file' | 'page' | 'other'

const KINDS: [RegExp, Kind][] = [
  [/^\/api\/trpc\//, 'procedure'],
  [/^\/api\/artifacts\//, 'artifact'],
  [/^\/api\/uploads(?:\/|$)/, 'upload'],
  [/^\/api\/auth\//, 'sign-in'],
  [/^\/api\/health\//, 'health'],
  [/^\/api\/metrics$/, 'metrics'],
  [/^\/api(?:\/|$)/, 'other'],
  [/^\/(?:_next\/|icon\.svg$)/, 'file'],
]

/**
 * Counts a request that was answered. Procedures are counted by name (several in one request as `batch`), and everything
 * else by its kind: callers choose addresses, and each would be a series of its own. What has no kind of its own counts
 * as a page, also where there is none.
 *
 * @param isProcedure whether there is a procedure of this name
 */
export function countRequest(
  { path, status, ms, stream }: { path: string; status: number; ms: number; stream: boolean },
  isProcedure: (name: string) => boolean,
): void {
  const kind = KINDS.find(([pattern]) => pattern.test(path))?.[1] ?? 'page'
  requests.inc({ route: kind === 'procedure' ? procedureOf(path, isProcedure) : kind, status })
  // The time of a stream says only how long somebody watched.
  if (!stream) seconds.observe({ kind }, ms / 1000)
}

function procedureOf(path: string, isProcedure: (name: string) => boolean): string {
  const name = path.slice('/api/trpc/'.length)
  if (isProcedure(name)) return name
  return name.includes(',') ? 'batch' : 'unknown procedure'
}
