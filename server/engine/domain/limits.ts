/** Bytes that a job's parameters may have as JSON text, and also its result (rule 2). */
export const MAX_PAYLOAD_BYTES = 256 * 1024
/**
 * Bytes of one value of a filter's `args`, as JSON text. Lists are asked for by URL, and URL and headers together may
 * have 64 KiB.
 */
export const MAX_ARGUMENT_BYTES = 600
/** The most jobs in one submission. */
export const MAX_BATCH = 1000
/** The most jobs that one bulk action may name by id. A filter may match more. */
export const MAX_BULK_IDS = 10_000
/** The most jobs that the filter of one bulk action may match. */
export const MAX_BULK = 1_000_000
/** How many jobs a dry run of a bulk action looks at. It is enough to decide, and takes about a second. */
export const MAX_FORECAST = 100_000
/** How many jobs a bulk action acts on within the call. More of them are acted on in the background. */
export const MAX_BULK_AT_ONCE = 500
/** The waiting jobs of an API key that is revoked are counted up to this number. */
export const MAX_COUNTED_OF_KEY = 10_000
/** The most people and keys that are listed as those who did something (`audit.actors`). */
export const MAX_LISTED_ACTORS = 200
/** The most jobs that one job may wait for (rule 4.9). */
export const MAX_PARENTS = 1000
/** The most jobs of one graph of dependencies. */
export const MAX_GRAPH_JOBS = 1000
/** Bytes at which an answer that lists things ends its page, so that no answer holds up other callers for long. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024
/** Bytes. Lists of jobs leave out larger parameters and results, unless the caller asks to include them. */
export const MAX_LISTED_VALUE_BYTES = 2 * 1024
/** Views that one person may keep in one organization. */
export const MAX_SAVED_VIEWS = 100
/** Bytes of a saved view, as JSON text. */
export const MAX_SAVED_VIEW_BYTES = 16 * 1024
/**
 * The most jobs that one request to an admin may be about: a preview looks at as many, so that the admin sees all of
 * them.
 */
export const MAX_REQUESTED = MAX_FORECAST
/** Open requests that one person may have in one organization. */
export const MAX_OPEN_REQUESTS = 20
/** Days after which a request ends that nobody has decided. */
export const REQUEST_DAYS = 7
/** Uploads that one organization may have at once, used or not. */
export const MAX_UPLOADS = 1_000
/** How many times the bytes of the largest upload all uploads of an organization may have together. */
export const MAX_UPLOADS_OF_FULL_SIZE = 20
/** Pieces in which one upload may come. */
export const MAX_SEGMENTS = 2_000
/** Hours for which an upload stays after its last byte came, or after a job last needed it. */
export const UPLOAD_HOURS = 24
