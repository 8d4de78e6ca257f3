import type { Actor } from '../types'
import { fieldOf, jobsText, lengthOf, numberOf, shortId, type AuditFacts } from './entry'
import {
  askedBy,
  bulkJobs,
  bulkVerb,
  jobTypeChange,
  wordsOfManyJobs,
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
  'job.delete': {
    label: 'job deleted',
    says: (facts) => `deleted the ${target(facts)} job ${shortId(facts.targetId)}`,
  },
  'job.cancelMany': { label: 'jobs canceled', says: wordsOfManyJobs('cancel', 'canceled', 'canceled') },
  'job.retryMany': { label: 'jobs retried', says: wordsOfManyJobs('retry', 'retried', 'retried') },
  'job.deleteMany': { label: 'jobs deleted', says: wordsOfManyJobs('delete', 'deleted', 'deleted') },
  'bulk.complete': {
    label: 'bulk action finished',
    says: ({ after }) => `finished ${bulkVerb(after)} ${bulkJobs(after, 'changed')}`,
  },
  'bulk.abort': {
    label: 'bulk action stopped',
    says: ({ after }) => `stopped ${bulkVerb(after)} jobs after ${bulkJobs(after, 'processed')}`,
  },
  'deadLetters.ignore': {
    label: 'cause ignored',
    says: (facts) => `ignored a cause of dead letters of ${target(facts)}`,
  },
  'deadLetters.unignore': {
    label: 'ignored cause shown again',
    says: (facts) => `showed an ignored cause of ${target(facts)} again`,
  },
  'circuit.close': { label: 'circuit closed', says: (facts) => `closed the circuit of ${target(facts)}` },
  'circuit.open': {
    label: 'circuit opened',
    happened: true,
    says: (facts) =>
      `The circuit of ${target(facts)} opened: ${shareOf(facts.after, 'failures', 'outcomes')} attempts failed`,
  },
  'schedule.create': { label: 'schedule created', says: (facts) => `created the schedule ${target(facts)}` },
  'schedule.update': { label: 'schedule changed', says: (facts) => scheduleChange(facts) },
  'schedule.delete': { label: 'schedule deleted', says: (facts) => `deleted the schedule ${target(facts)}` },
  'schedule.runNow': { label: 'schedule run by hand', says: (facts) => `ran the schedule ${target(facts)} at once` },
  'schedule.backfill': {
    label: 'schedule backfilled',
    says: (facts) =>
      `began to submit ${jobsText(numberOf(fieldOf(facts.after, 'matched')))} of past times of the schedule ${target(facts)}`,
  },
  'alert.create': { label: 'alert rule created', says: (facts) => `created the alert rule ${target(facts)}` },
  'alert.update': { label: 'alert rule changed', says: (facts) => alertChange(facts) },
  'alert.delete': { label: 'alert rule deleted', says: (facts) => `deleted the alert rule ${target(facts)}` },
  'alert.test': {
    label: 'alert rule tested',
    says: (facts) => `sent a test message of the alert rule ${target(facts)}`,
  },
  'savedView.delete': { label: 'saved view deleted', says: (facts) => `deleted the saved view ${target(facts)}` },

  'control.pause': {
    label: 'paused',
    says: (facts) =>
      fieldOf(facts.before, 'paused') === true
        ? `gave the pause of ${target(facts)} another reason`
        : `paused ${target(facts)}`,
  },
  'control.resume': { label: 'resumed', says: (facts) => `let ${target(facts)} go on` },
  'jobType.create': { label: 'job type created', says: (facts) => `created the job type ${target(facts)}` },
  'jobType.update': { label: 'job type changed', says: (facts) => jobTypeChange(facts) },
  'worker.drain': {
    label: 'worker drained',
    says: (facts) => `drained the worker ${shortId(facts.targetId)} on ${target(facts)}`,
  },

  'worker.version': {
    label: 'version of the workers',
    happened: true,
    says: ({ after }) =>
      `Workers run version ${textOf(after, 'version', 'unknown')} (${textOf(after, 'commit', 'no commit')})`,
  },

  'request.create': { label: 'request made', says: (facts) => `asked an admin to ${requested(facts)}` },
  'request.decline': {
    label: 'request declined',
    says: (facts) => `declined the request${askedBy(facts)} to ${requested(facts)}`,
  },
  'request.withdraw': { label: 'request withdrawn', says: (facts) => `withdrew the request to ${requested(facts)}` },
  'request.fulfil': {
    label: 'request fulfilled',
    says: (facts) => `fulfilled the request${askedBy(facts)} to ${requested(facts)}`,
  },

  'organization.create': {
    label: 'organization created',
    says: (facts) => `created the organization ${target(facts)}`,
  },
  'organization.update': { label: 'organization changed', says: (facts) => organizationChange(facts) },
  'organization.suspend': { label: 'organization suspended', says: (facts) => `suspended ${target(facts)}` },
  'organization.resume': { label: 'suspension ended', says: (facts) => `ended the suspension of ${target(facts)}` },
  'organization.delete': {
    label: 'organization deleted',
    says: (facts) => `deleted the organization ${target(facts)}`,
  },

  'apiKey.create': {
    label: 'API key made',
    says: (facts) => `made the API key ${target(facts)} with the role ${role(facts.after)}`,
  },
  'apiKey.revoke': { label: 'API key revoked', says: (facts) => `revoked the API key ${target(facts)}` },
  'apiKey.cancelJobs': {
    label: 'jobs of a revoked key canceled',
    says: (facts) =>
      `canceled ${jobsText(lengthOf(fieldOf(facts.after, 'canceled')))} of the revoked key ${target(facts)}`,
  },
  'apiKey.transferJobs': {
    label: 'jobs of a revoked key passed on',
    says: (facts) =>
      `took over ${jobsText(lengthOf(fieldOf(facts.after, 'jobs')))} of the revoked key ${target(facts)}`,
  },

  'member.invite': { label: 'member invited', says: (facts) => `invited ${target(facts)} as ${role(facts.after)}` },
  'member.accept': {
    label: 'invitation accepted',
    says: (facts) => `joined ${facts.organization ?? 'the organization'} as ${role(facts.after)}`,
  },
  'member.decline': {
    label: 'invitation declined',
    says: (facts) => `declined the invitation as ${role(facts.before)}`,
  },
  'member.update': {
    label: 'role changed',
    says: (facts) => `changed the role of ${target(facts)} from ${role(facts.before)} to ${role(facts.after)}`,
  },
  'member.remove': {
    label: 'member removed',
    says: (facts) => `removed ${target(facts)}, who was ${role(facts.before)}`,
  },
  'member.uninvite': {
    label: 'invitation taken back',
    says: (facts) => `took back the invitation of ${target(facts)}`,
  },

  'user.changePassword': { label: 'password changed', says: () => 'changed their password' },
  'user.resetPassword': { label: 'password reset', says: (facts) => `gave ${target(facts)} a new password` },
  'user.signOutEverywhere': { label: 'signed out everywhere', says: () => 'signed out everywhere' },
  'user.bindIdentity': {
    label: 'single sign-on connected',
    says: ({ after }) => `connected their account with ${String(fieldOf(after, 'issuer') ?? 'a provider')}`,
  },
  'user.makeSystemAdmin': { label: 'system admin made', says: (facts) => `made ${target(facts)} a system admin` },
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
