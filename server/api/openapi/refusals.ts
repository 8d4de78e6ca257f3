import { EngineError, type Refusal } from '@/server/engine'
import { shapeError } from '../errors'
import { componentRef } from './json-schema'
import type { Procedure } from './procedures'
import type { Operation } from './types'

/** The explanation of each reason for callers. */
const REASONS: Record<Refusal, string> = {
  INVALID_INPUT: 'The input is not accepted, or the body could not be read. `fields` names what is wrong.',
  UNKNOWN_JOB_TYPE: 'There is no such job type.',
  INVALID_PARAMETERS: 'The parameters do not fit the schema of the job type. `fields` names what is wrong.',
  INVALID_DEPENDENCY: 'A job to wait for is unknown, dead, canceled, or waits for this one.',
  JOB_TYPE_DISABLED: 'The job type is disabled and takes no jobs now.',
  UNAUTHENTICATED: 'Nobody is signed in, or the API key is unknown, expired or revoked.',
  NOT_PERMITTED: 'The role is too low. The message says which role is needed.',
  ORGANIZATION_SUSPENDED: 'The organization is suspended. Only reading and canceling are possible.',
  NOT_FOUND: 'It does not exist, or the caller may not see it.',
  DUPLICATE_JOB:
    'An equal job is unfinished or was completed a short time ago. `existingJobId` and `existingStatus` say which.',
  IDEMPOTENCY_MISMATCH: 'The idempotency key was used with other input. `existingJobId` names the job that has it.',
  ILLEGAL_TRANSITION: 'The object is in a state in which this cannot be done. `from` and `to` name the states.',
  KEYS_UNDECIDED:
    'Live API keys of this member would stay behind: `keys` lists them. Say what becomes of them, keep or revoke.',
  CHANGED_MEANWHILE:
    'Somebody else changed it after the version that the call names: `version` is the present one. An upload has no version: the message and `Upload-Offset` say how much of it is there.',
  RATE_LIMITED: 'Too many calls of this API key, or submissions; try again after `retryAfterSeconds`.',
  QUEUE_FULL: 'The organization has as many unfinished jobs as it may.',
  TOO_LARGE: 'The body, the parameters of a job, or address and headers together (64 KiB) are too large.',
  UNSUPPORTED_MEDIA_TYPE: 'The body has no content type that this call takes. Procedures take application/json.',
  METHOD_NOT_SUPPORTED: 'Queries and subscriptions are called with GET, mutations with POST.',
  UNAVAILABLE: 'The database does not answer, or the server stops. Try again in a few seconds.',
  INTERNAL: 'Something failed on our side. It has been logged.',
}

/** The HTTP status with which a reason is sent. */
const statusOf = (reason: Refusal): number => shapeError(new EngineError(reason, '')).data.httpStatus

/** The reasons for which a procedure may refuse, in the order in which they are checked. */
export function refusalsOf({ kind, meta, caller }: Pick<Procedure, 'kind' | 'meta' | 'caller'>): Refusal[] {
  const any: Refusal[] = [
    ...(kind === 'mutation' ? (['UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    'UNAUTHENTICATED',
    // Only the calls of known callers are counted.
    ...(caller === 'known' ? (['RATE_LIMITED'] as const) : []),
    'TOO_LARGE',
    'INVALID_INPUT',
  ]
  return [...new Set<Refusal>([...any, ...(meta?.refuses ?? []), 'UNAVAILABLE', 'INTERNAL'])]
}

/** The refusals as answers, by HTTP status. Each answer lists the reasons that are sent with its status. */
export function responsesOf(reasons: readonly Refusal[]): Operation['responses'] {
  const responses: Operation['responses'] = {}
  for (const reason of reasons) {
    const before = responses[statusOf(reason)]
    responses[statusOf(reason)] = {
      description: `${before ? `${before.description}\n\n` : ''}${explained(reason)}`,
      content: { 'application/json': { schema: { $ref: componentRef('Error') } } },
    }
  }
  return responses
}

/** A reason and its explanation, as the document shows them. */
export const explained = (reason: Refusal): string => `\`${reason}\`: ${REASONS[reason]}`
