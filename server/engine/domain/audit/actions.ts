import type { Actor } from '../types'
import { fieldOf, jobsText, lengthOf, numberOf, shortId, type AuditFacts } from './entry'
import {
  askedBy,
  bulkJobs,
  bulkVerb,
  jobTypeChange,
  actOnManyJobs,
  organizationChange,
  requested,
  role,
  alertChange,
  scheduleChange,
  shareOf,
  target,
  textOf,
} from './words'

/** One kind of act. */
interface Row {
  /** What happened, for lists of acts: "job type changed". */
  label: string
  /** What follows the actor's name in a sentence: "paused report.monthly". */
  says: (facts: AuditFacts) => string
  /** What nobody did, but happened: the sentence does not name the actor. */
  happened?: true
}

/**
 * All acts that are written into the audit, and the words for each. `writeAudit` takes no others, so that a new act
 * without a sentence does not compile. Entries are never changed, so an act that is no longer written keeps its row.
 */
const ROWS = {
  'job.delete': { label: 'job deleted', says: (f) => `deleted the ${target(f)} job ${shortId(f.targetId)}` },
  'job.cancelMany': { label: 'jobs canceled', says: actOnManyJobs('cancel', 'canceled', 'canceled') },
  'job.retryMany': { label: 'jobs retried', says: actOnManyJobs('retry', 'retried', 'retried') },
  'job.deleteMany': { label: 'jobs deleted', says: actOnManyJobs('delete', 'deleted', 'deleted') },
  'bulk.complete': {
    label: 'bulk action finished',
    says: ({ after }) => `finished ${bulkVerb(after)} ${bulkJobs(after, 'changed')}`,
  },
  'bulk.abort': {
    label: 'bulk action stopped',
    says: ({ after }) => `stopped ${bulkVerb(after)} jobs after ${bulkJobs(after, 'processed')}`,
  },
  'deadLetters.ignore': { label: 'cause ignored', says: (f) => `ignored a cause of dead letters of ${target(f)}` },
  'deadLetters.unignore': {
    label: 'ignored cause shown again',
    says: (f) => `showed an ignored cause of ${target(f)} again`,
  },
  'circuit.close': { label: 'circuit closed', says: (f) => `closed the circuit of ${target(f)}` },
  'circuit.open': {
    label: 'circuit opened',
    happened: true,
    says: (f) => `The circuit of ${target(f)} opened: ${shareOf(f.after, 'failures', 'outcomes')} attempts failed`,
  },
  'schedule.create': { label: 'schedule created', says: (f) => `created the schedule ${target(f)}` },
  'schedule.update': { label: 'schedule changed', says: (f) => scheduleChange(f) },
  'schedule.delete': { label: 'schedule deleted', says: (f) => `deleted the schedule ${target(f)}` },
  'schedule.runNow': { label: 'schedule run by hand', says: (f) => `ran the schedule ${target(f)} at once` },
  'schedule.backfill': {
    label: 'schedule backfilled',
    says: (f) =>
      `began to submit ${jobsText(numberOf(fieldOf(f.after, 'matched')))} of past times of the schedule ${target(f)}`,
  },
  'alert.create': { label: 'alert rule created', says: (f) => `created the alert rule ${target(f)}` },
  'alert.update': { label: 'alert rule changed', says: (f) => alertChange(f) },
  'alert.delete': { label: 'alert rule deleted', says: (f) => `deleted the alert rule ${target(f)}` },
  'alert.test': { label: 'alert rule tested', says: (f) => `sent a test message of the alert rule ${target(f)}` },
  'savedView.delete': { label: 'saved view deleted', says: (f) => `deleted the saved view ${target(f)}` },

  'control.pause': {
    label: 'paused',
    says: (f) =>
      fieldOf(f.before, 'paused') === true ? `gave the pause of ${target(f)} another reason` : `paused ${target(f)}`,
  },
  'control.resume': { label: 'resumed', says: (f) => `let ${target(f)} go on` },
  'jobType.create': { label: 'job type created', says: (f) => `created the job type ${target(f)}` },
  'jobType.update': { label: 'job type changed', says: (f) => jobTypeChange(f) },
  'worker.drain': { label: 'worker drained', says: (f) => `drained the worker ${shortId(f.targetId)} on ${target(f)}` },

  'worker.version': {
    label: 'version of the workers',
    happened: true,
    says: ({ after }) =>
      `Workers run version ${textOf(after, 'version', 'unknown')} (${textOf(after, 'commit', 'no commit')})`,
  },

  'request.create': { label: 'request made', says: (f) => `asked an admin to ${requested(f)}` },
  'request.decline': { label: 'request declined', says: (f) => `declined the request${askedBy(f)} to ${requested(f)}` },
  'request.withdraw': { label: 'request withdrawn', says: (f) => `withdrew the request to ${requested(f)}` },
  'request.fulfil': {
    label: 'request fulfilled',
    says: (f) => `fulfilled the request${askedBy(f)} to ${requested(f)}`,
  },

  'organization.create': { label: 'organization created', says: (f) => `created the organization ${target(f)}` },
  'organization.update': { label: 'organization changed', says: (f) => organizationChange(f) },
  'organization.suspend': { label: 'organization suspended', says: (f) => `suspended ${target(f)}` },
  'organization.resume': { label: 'suspension ended', says: (f) => `ended the suspension of ${target(f)}` },
  'organization.delete': { label: 'organization deleted', says: (f) => `deleted the organization ${target(f)}` },

  'apiKey.create': {
    label: 'API key made',
    says: (f) => `made the API key ${target(f)} with the role ${role(f.after)}`,
  },
  'apiKey.revoke': { label: 'API key revoked', says: (f) => `revoked the API key ${target(f)}` },
  'apiKey.cancelJobs': {
    label: 'jobs of a revoked key canceled',
    says: (f) => `canceled ${jobsText(lengthOf(fieldOf(f.after, 'canceled')))} of the revoked key ${target(f)}`,
  },
  'apiKey.transferJobs': {
    label: 'jobs of a revoked key passed on',
    says: (f) => `took over ${jobsText(lengthOf(fieldOf(f.after, 'jobs')))} of the revoked key ${target(f)}`,
  },

  'member.invite': { label: 'member invited', says: (f) => `invited ${target(f)} as ${role(f.after)}` },
  'member.accept': {
    label: 'invitation accepted',
    says: (f) => `joined ${f.organization ?? 'the organization'} as ${role(f.after)}`,
  },
  'member.decline': { label: 'invitation declined', says: (f) => `declined the invitation as ${role(f.before)}` },
  'member.update': {
    label: 'role changed',
    says: (f) => `changed the role of ${target(f)} from ${role(f.before)} to ${role(f.after)}`,
  },
  'member.remove': { label: 'member removed', says: (f) => `removed ${target(f)}, who was ${role(f.before)}` },
  'member.uninvite': { label: 'invitation taken back', says: (f) => `took back the invitation of ${target(f)}` },

  'user.changePassword': { label: 'password changed', says: () => 'changed their password' },
  'user.signOutEverywhere': { label: 'signed out everywhere', says: () => 'signed out everywhere' },
  'user.bindIdentity': {
    label: 'single sign-on connected',
    says: ({ after }) => `connected their account with ${String(fieldOf(after, 'issuer') ?? 'a provider')}`,
  },
  'user.makeSystemAdmin': { label: 'system admin made', says: (f) => `made ${target(f)} a system admin` },
} as const satisfies Record<string, Row>

/** An act as the audit names it, `<noun>.<verb>`. */
export type AuditAction = keyof typeof ROWS
const rowOf = (action: string): Row | undefined =>
  Object.hasOwn(ROWS, action) ? ROWS[action as AuditAction] : undefined

/** All acts with what they are called, in the order in which a person looks for them. */
export const AUDIT_ACTIONS: readonly { action: AuditAction; label: string }[] = Object.entries(ROWS).map(
  ([action, { label }]) => ({ action: action as AuditAction, label }),
)

/** What an act is called: "job type changed". An act of a later version is called by its own name. */
export const actionLabel = (action: string): string => rowOf(action)?.label ?? action

/** An entry as a sentence without its reason: "Dana set report.monthly's limit from 2 to 5". */
export function auditSentence({ action, ...facts }: AuditFacts & { action: string }): string {
  const row = rowOf(action)
  const said = row?.says(facts) ?? `did ${action} to ${target(facts)}`
  return row?.happened ? said : `${actorText(facts.actor)} ${said}`
}

function actorText({ type, name }: Actor): string {
  if (type === 'system') return `Jobyard (${name})`
  return type === 'key' ? `The API key ${name}` : name
}
