/**
 * The codes of the reasons why a job waits. docs/specification.md, "Reasons why a job waits", says what each means. They
 * stand in the order in which waiting-reasons.ts gives them for one job. Filters and counts use the first. This list is
 * for types and schemas: to change the order, change waiting-reasons.ts too.
 */
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
