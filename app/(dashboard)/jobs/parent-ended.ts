/** The fingerprint of the error of each job that died because a job it waited for did not complete. */
export const PARENT_ENDED = 'parent-ended'

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/** The job that such an error names. Its retry brings back all that died with it. Null for every other error. */
export const parentThatEnded = (error: { fingerprint: string; message: string }): string | null =>
  error.fingerprint === PARENT_ENDED ? (ID.exec(error.message)?.[0] ?? null) : null
