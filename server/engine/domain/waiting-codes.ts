/** Every code, the most decisive first. */
export const WAITING_CODES = [
  'ORGANIZATION_DELETED',
  'ORGANIZATION_SUSPENDED',
  'PAUSED',
  'JOB_TYPE_DISABLED',
  'WAITING_FOR_PARENTS',
  'SCHEDULED',
  'RETRY_BACKOFF',
  'CIRCUIT_OPEN',
  'CONCURRENCY_LIMIT',
  'SLOTS_KEPT',
  'HANDLER_MISSING',
  'NO_WORKER',
  'BEHIND',
  'QUEUED',
  'READY',
] as const
export type WaitingCode = (typeof WAITING_CODES)[number]
