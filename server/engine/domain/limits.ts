/** Parameters and result of a job, each, as JSON text (SPEC 2). */
export const MAX_PAYLOAD_BYTES = 256 * 1024
/** Jobs in one submission. */
export const MAX_BATCH = 1000
