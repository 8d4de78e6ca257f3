import type { JobStatus } from '@/app/_trpc/types'
import { UUID_FORM } from '@/server/engine/domain/uuid'

/** The fingerprint of the error of each job that died because a job it waited for did not complete. */
export const PARENT_ENDED = 'parent-ended'

/**
 * The label of a link to the job that ended first, with which others died. It follows the present status of that job.
 * While that is not known, the error of the others tells how it ended.
 */
export function firstEndWords(status: JobStatus | undefined, message: string): string {
  const known = status ?? (/\bCANCELED\b/.test(message) ? 'CANCELED' : 'DEAD_LETTER')
  if (known === 'DEAD_LETTER') return 'What died first'
  return known === 'CANCELED' ? 'What was canceled' : 'What they waited for'
}

const ID = new RegExp(UUID_FORM)

/**
 * The job that an error with the fingerprint `PARENT_ENDED` names. Null for any other error. A retry of that job brings
 * back what died with it and waits for no other dead job.
 */
export const parentThatEnded = (error: { fingerprint: string; message: string }): string | null =>
  error.fingerprint === PARENT_ENDED ? (ID.exec(error.message)?.[0] ?? null) : null

/** The different jobs that the errors of some jobs name, in the order of the errors. */
export const parentsThatEnded = (errors: readonly ({ fingerprint: string; message: string } | null)[]): string[] => [
  ...new Set(errors.flatMap((error) => (error && parentThatEnded(error)) ?? [])),
]
