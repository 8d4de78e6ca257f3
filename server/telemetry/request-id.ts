import { randomUUID } from 'node:crypto'

// The id by which the log lines of one request are found.

export const REQUEST_ID_HEADER = 'x-request-id'

/** What a caller may send as the id of a request. It appears in log lines and in an answer's header. */
const WELL_FORMED = /^[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}$/

/**
 * The id by which log lines of a request are found: what the caller or a proxy sent in `x-request-id`, where that is well
 * formed, and otherwise a new one.
 */
export const requestIdOf = (given: string | string[] | null | undefined): string =>
  typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID()
