/** Parameters and result of a job, each, as JSON text (SPEC 2). */
export const MAX_PAYLOAD_BYTES = 256 * 1024
/** Jobs in one submission. */
export const MAX_BATCH = 1000
/** Jobs in one bulk action. */
export const MAX_BULK = 10_000
/** Jobs that one job may wait for (SPEC 4.9). */
export const MAX_PARENTS = 1000
