import type { ErrorShape } from '@/server/api/errors'
import type { AppRouter } from '@/server/api/root'
import type { WireJob, WireJobEvent, WireListedJob } from '@/server/api/schemas/job'

// Everything that the client knows of the server's shapes, taken from its router. In the package this
// file is replaced by the same types, written out in full by build/write-out.mjs. So nothing of the server goes with it.

/** Any JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** COMPLETED, CANCELED and DEAD_LETTER are final. */
export type JobStatus = WireJob['status']
export type JobPriority = WireJob['priority']
/** Who did something. */
export type Actor = WireJob['submittedBy']
/** A file that a job has left; `url` is relative to the server, see `download`. */
export type Artifact = NonNullable<WireJob['artifacts']>[number]

/** A job as the API gives it. Dates are ISO 8601 strings, `null` where there is none yet. */
export type Job = WireJob
/** A job of a list. `truncated` names the values that are null because they are above 2 KiB and `include` did not ask for them. */
export type ListedJob = WireListedJob

/**
 * Something that happened to a job. `status`: it went from one status to another (`fromStatus` null:
 * it was submitted). `progress`: what its handler reports. `reset`: events may have been missed, so
 * read again what you show.
 */
export type JobEvent = WireJobEvent

/** Why the server refused a call; stable, unlike the message. */
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
/** The events of a subscription, without the wrapper that tRPC puts around each to carry its id. */
type EventOf<Stream> = Stream extends AsyncIterable<{ data: infer Event }, unknown, never> ? Event : never

type Nouns = AppRouter['_def']['record']

/** Every procedure: `Api['jobs']['submit']['input']`. */
export type Api = { [Noun in keyof Nouns]: { [Verb in keyof Nouns[Noun]]: Describe<Nouns[Noun][Verb]> } }
