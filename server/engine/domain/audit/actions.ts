import type { Actor, Json } from '../types'
import { fieldOf, jobsText, lengthOf, numberOf, shortId, targetName, type AuditFacts } from './entry'
import { changeText } from './settings'

/** One kind of act. */
interface Row {
  /** What happened, for lists of acts: "job type changed". */
  label: string
  /** What follows the actor's name in a sentence: "paused report.monthly". */
  says: (facts: AuditFacts) => string
  /** What nobody did, but happened: the sentence does not name the actor. */
  happened?: true
}

/** The target's name, or its kind where it has none. */
const target = (facts: AuditFacts): string => targetName(facts) ?? `${facts.targetType} ${shortId(facts.targetId)}`
const role = (value: Json | undefined): string => String(fieldOf(value, 'role') ?? 'a role')
const textOf = (value: Json, field: string, otherwise: string): string => {
  const found = fieldOf(value, field)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : otherwise
}
const shareOf = (value: Json, part: string, all: string) =>
  `${numberOf(fieldOf(value, part)).toLocaleString('en')} of ${numberOf(fieldOf(value, all)).toLocaleString('en')}`

/** What somebody asks an admin for. */
function requested({ after, before }: AuditFacts): string {
  const of = fieldOf(after, 'kind') === undefined ? before : after
  const matched = fieldOf(of, 'matched')
  const jobs = typeof matched === 'number' ? jobsText(matched) : 'jobs'
  const type = textOf(of, 'jobType', 'the organization')
  const kinds: Record<string, string> = {
    CANCEL: `cancel ${jobs}`,
    RETRY: `retry ${jobs}`,
    DELETE: `delete ${jobs}`,
    PAUSE: `pause ${type}`,
    RESUME: `let ${type} go on`,
    CLOSE_CIRCUIT: `close the circuit of ${type}`,
  }
  const kind = textOf(of, 'kind', '')
  return Object.hasOwn(kinds, kind) ? kinds[kind]! : 'do something'
}

/** " of Bob", where the entry says who asked. */
function askedBy({ after, before }: AuditFacts): string {
  const by = fieldOf(after, 'askedBy') ?? fieldOf(before, 'askedBy')
  const name = typeof by === 'string' ? by : fieldOf(by, 'name')
  return typeof name === 'string' && name ? ` of ${name}` : ''
}

const VERB: Record<string, string> = { CANCEL: 'canceling', RETRY: 'retrying', DELETE: 'deleting' }

/** Jobs that were changed by one call, or that a bulk action in the background is to change. */
const many =
  (verb: string, done: string, list: string) =>
  ({ targetType, after }: AuditFacts): string => {
    const changed = fieldOf(after, list)
    if (targetType === 'bulk' && changed === undefined)
      return `began to ${verb} ${jobsText(numberOf(fieldOf(after, 'matched')))}`
    const count = jobsText(lengthOf(changed))
    return fieldOf(after, 'bulkId') === undefined ? `${done} ${count}` : `${done} ${count} by a bulk action`
  }

const bulkJobs = (after: Json, changed: 'changed' | 'processed') =>
  `${numberOf(fieldOf(after, changed)).toLocaleString('en')} of ${jobsText(numberOf(fieldOf(after, 'matched')))}`

/**
 * All acts that are written into the audit, and the words for each. `writeAudit` takes no others, so that a new act
 * without a sentence does not compile. Entries are never changed, so an act that is no longer written keeps its row.
 */
const ROWS = {
  'job.delete': { label: 'job deleted', says: (f) => `deleted the ${target(f)} job ${shortId(f.targetId)}` },
  'job.cancelMany': { label: 'jobs canceled', says: many('cancel', 'canceled', 'canceled') },
  'job.retryMany': { label: 'jobs retried', says: many('retry', 'retried', 'retried') },
  'job.deleteMany': { label: 'jobs deleted', says: many('delete', 'deleted', 'deleted') },
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

const bulkVerb = (after: Json) => VERB[String(fieldOf(after, 'action'))] ?? 'changing'

function jobTypeChange(facts: AuditFacts): string {
  const { before, after, targetId } = facts
  const [was, is] = [fieldOf(before, 'enabled'), fieldOf(after, 'enabled')]
  const others = Object.keys(Object(after) as object).filter((field) => field !== 'version' && field !== 'enabled')
  if (typeof was === 'boolean' && typeof is === 'boolean' && was !== is && others.length === 0)
    return `${is ? 'enabled' : 'disabled'} the job type ${targetId}`
  return changeText('jobType', targetId, before, after)
}

function organizationChange(facts: AuditFacts): string {
  const { before, after } = facts
  const [was, is] = [fieldOf(before, 'name'), fieldOf(after, 'name')]
  if (typeof was === 'string' && typeof is === 'string' && Object.keys(Object(after) as object).length === 1)
    return `renamed ${was} to ${is}`
  return changeText('organization', target(facts), before, after)
}
