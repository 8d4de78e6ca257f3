import type { Actor, Json } from '../types'

/** What a sentence about an entry of the audit is made from. */
export interface AuditFacts {
  actor: Actor
  targetType: string
  targetId: string
  /** The name of the entry's organization. Null where it belongs to none. */
  organization: string | null
  before: Json
  after: Json
}

/** The field of an object, or undefined where the value is no object or has no such field. */
export const fieldOf = (value: Json | undefined, field: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, field)
    ? value[field]
    : undefined

/** The first of these that is a text with something in it. */
const firstText = (...values: (Json | undefined)[]): string | null =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? null

/** A field of the target as it is after the act, or as it was before it. */
const afterOrBefore = ({ before, after }: AuditFacts, field: string) =>
  firstText(fieldOf(after, field), fieldOf(before, field))

/** The end of an id: its beginning is the time, which is alike for what was made in the same minute. */
export const shortId = (id: string): string => id.slice(-8)

/**
 * What a person calls the target of an entry, as far as the entry knows. Null where it has no name of its own, as a bulk
 * action or a request, and for an object of a kind that this version does not know.
 */
export function targetName(facts: AuditFacts): string | null {
  const { targetType, targetId, organization, before } = facts
  const names: Record<string, () => string | null> = {
    organization: () => organization,
    jobType: () => targetId,
    circuit: () => targetId,
    job: () => firstText(fieldOf(before, 'jobType')),
    // The id is the job type and the fingerprint, with a space between them.
    cause: () => targetId.split(' ')[0]!,
    // An entry about the jobs of a revoked key has the key's name as that of their submitter.
    apiKey: () => afterOrBefore(facts, 'name') ?? firstText(fieldOf(fieldOf(before, 'submittedBy'), 'name')),
    // The name as it was before the act comes first: it is the one that people knew.
    member: () => firstText(fieldOf(before, 'name'), fieldOf(before, 'email')) ?? ofPerson(facts),
    invitation: () => firstText(fieldOf(before, 'name'), fieldOf(before, 'email')) ?? ofPerson(facts),
    user: () => ofPerson(facts) ?? (facts.actor.id === targetId ? facts.actor.name : null),
    savedView: () => afterOrBefore(facts, 'name'),
    // The name as it was before the act is the one that people knew.
    schedule: () => firstText(fieldOf(before, 'name'), fieldOf(facts.after, 'name')),
    alert: () => firstText(fieldOf(before, 'name'), fieldOf(facts.after, 'name')),
    worker: () => afterOrBefore(facts, 'host'),
    platform: () => 'the platform',
  }
  return Object.hasOwn(names, targetType) ? names[targetType]!() : null
}

const ofPerson = (facts: AuditFacts) => afterOrBefore(facts, 'name') ?? afterOrBefore(facts, 'email')

/** "1 job", "1,234 jobs". */
export const jobsText = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'job' : 'jobs'}`

/** A number of an entry. What is no number counts as 0. */
export const numberOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0)

/** How many a list of an entry has. What is no list has none. */
export const lengthOf = (value: Json | undefined): number => (Array.isArray(value) ? value.length : 0)
