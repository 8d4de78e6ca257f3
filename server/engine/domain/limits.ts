/** Parameters and result of a job, each, as JSON text (rule 2). */
export const MAX_PAYLOAD_BYTES = 256 * 1024
/** One value of a filter's `args`, as JSON text: a list is asked for by its address, which holds 64 KiB with all headers. */
export const MAX_ARGUMENT_BYTES = 600
/** Jobs in one submission. */
export const MAX_BATCH = 1000
/** Jobs that one bulk action may name; a filter may match more. */
export const MAX_BULK_IDS = 10_000
/** Jobs that the filter of one bulk action may match. */
export const MAX_BULK = 1_000_000
/** So many of them a dry run looks at: enough to decide, and it answers within about a second. */
export const MAX_FORECAST = 100_000
/** So many a bulk action does within the call; more of them in the background. */
export const MAX_BULK_AT_ONCE = 500
/** Jobs that one job may wait for (rule 4.9). */
export const MAX_PARENTS = 1000
/** An answer that lists things ends its page before this, so that none holds up other callers for long. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024
/** Larger parameters or results are in a list of jobs only where it is asked to include them. */
export const MAX_LISTED_VALUE_BYTES = 2 * 1024
/** Views that one person may keep in one organization. */
export const MAX_SAVED_VIEWS = 100
/** What a saved view holds, as JSON text. */
export const MAX_SAVED_VIEW_BYTES = 16 * 1024
