import type { ErrorShape } from '@/server/api/errors'
import type { AppRouter } from '@/server/api/root'
import type { WireJob, WireListedJob } from '@/server/api/schemas/job'
import type { WireJobEvent } from '@/server/api/schemas/job-details'

// Everything that the client knows about the server's shapes, taken from the server's router. In the package, this file
// is replaced by the same types in full, written by build/write-out.mjs. So the package contains nothing of the server.

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** COMPLETED, CANCELED and DEAD_LETTER are final. */
export type JobStatus = WireJob['status']
export type JobPriority = WireJob['priority']
/** The person, API key or part of the system that did something. */
export type Actor = WireJob['submittedBy']
/** A file that a job has left behind. Its `url` is relative to the server (see `download`). */
export type Artifact = NonNullable<WireJob['artifacts']>[number]

/** A job as the API returns it. Dates are ISO 8601 strings, or `null` as long as there is none. */
export type Job = WireJob
/**
 * A job of a list. `truncated` names the values that are null because they are above 2 KiB and were not asked for with
 * `include`.
 */
export type ListedJob = WireListedJob

/**
 * Something that happened to a job. `status`: it went from one status to another. `fromStatus` is null for a
 * submission. `progress`: its handler reported progress. `reset`: events may have been missed, so read again what you
 * show.
 */
export type JobEvent = WireJobEvent

/** The reason why the server refused a call. Reasons are stable, while messages may change. */
export type Refusal = ErrorShape['data']['reason']

interface Described<Kind, Input, Output> {
  kind: Kind
  input: Input
  output: Output
}
type Describe<Procedure> = Procedure extends {
  _def: { type: infer Kind; $types: { input: infer Input; output: infer Output } }
}
  ? Described<Kind, Input, Kind extends 'subscription' ? EventOf<Output> : Output>
  : never
/** The events of a subscription, without the wrapper in which tRPC sends the id of each. */
type EventOf<Stream> = Stream extends AsyncIterable<{ data: infer Event }, unknown, never> ? Event : never

type Nouns = AppRouter['_def']['record']

/** The types of every procedure, such as `Api['jobs']['submit']['input']`. */
export type Api = { [Noun in keyof Nouns]: { [Verb in keyof Nouns[Noun]]: Describe<Nouns[Noun][Verb]> } }
