import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import { DELIVERING, isKeptSlug } from '../../domain/alerts/delivering'
import type { AuditAction } from '../../domain/audit/actions'
import { EngineError, notVisible } from '../../domain/errors'
import { findLookalike } from '../../domain/lookalikes'
import { requireName } from '../../domain/names'
import { DEFAULT_TIME_ZONE } from '../../domain/time-zone'
import type { Actor, Json } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import {
  insertOrganization,
  lockNames,
  lockOrganization,
  type OrganizationView,
} from '../../store/administration/organizations'
import { announce } from '../../store/signals'
import { inTransaction, sqlState } from '../../store/transaction'

// Creates organizations, and changes their names and limits.

/** What administrators decide about an organization. For the limits, null is no limit, and 0 admits nothing. */
export type OrganizationSettings = Pick<
  OrganizationView,
  'name' | 'slug' | 'maxConcurrent' | 'maxUnfinished' | 'timeZone'
>
/** The settings that whoever creates an organization may leave out. */
type Optional = 'maxConcurrent' | 'maxUnfinished' | 'timeZone'

/** The settings of a new organization (rule 2). */
const DEFAULTS: Pick<OrganizationSettings, Optional> = {
  maxConcurrent: null,
  maxUnfinished: 100_000,
  timeZone: DEFAULT_TIME_ZONE,
}

const UNIQUE_VIOLATION = '23505'

interface By {
  actor: Actor
  address: string | null
  reason?: string | null
}

/**
 * Creates an organization without members. What is not given takes the defaults of rule 2.
 *
 * @throws EngineError INVALID_INPUT when the short name is taken or kept, or for a name that is not allowed or looks
 *   like another organization's
 */
export async function createOrganization(
  db: DbOrTx,
  {
    settings,
    actor,
    address,
    reason,
  }: By & { settings: Omit<OrganizationSettings, Optional> & Partial<OrganizationSettings> },
): Promise<OrganizationView> {
  return inTransaction(db, async (tx) => {
    const {
      slug,
      maxConcurrent = DEFAULTS.maxConcurrent,
      maxUnfinished = DEFAULTS.maxUnfinished,
      timeZone = DEFAULTS.timeZone,
    } = settings
    const name = requireName(settings.name, 'name')
    if (isKeptSlug(slug, actor)) throw kept('slug', slug)
    const id = uuidv7()
    const other = findLookalike(name, await lockNames(tx))
    if (other !== undefined) throw looksLike(other)
    if (!(await insertOrganization(tx, { id, name, slug, maxConcurrent, maxUnfinished, timeZone })))
      throw taken('slug', slug)
    await writeAudit(tx, {
      ...audited('organization.create', id),
      actor,
      address,
      reason,
      after: { name, slug, maxConcurrent, maxUnfinished, timeZone },
    })
    return (await lockOrganization(tx, id))!
  })
}

/**
 * Changes name, short name, limits or time zone. Absent fields stay as they are. A lower limit ends no job: those above
 * it run to their end. A call that changes nothing writes no audit.
 *
 * @throws EngineError NOT_FOUND; ILLEGAL_TRANSITION when it is deleted; INVALID_INPUT when the short name is taken or
 * kept, or for a name that is not allowed
 */
export async function changeOrganization(
  db: DbOrTx,
  {
    organizationId,
    changes: given,
    actor,
    address,
    reason,
  }: By & { organizationId: string; changes: Partial<OrganizationSettings> },
): Promise<OrganizationView> {
  return inTransaction(db, async (tx) => {
    const changes = given.name === undefined ? given : { ...given, name: requireName(given.name, 'changes.name') }
    const before = await lockOrganization(tx, organizationId)
    if (!before) throw notVisible('organization', organizationId)
    if (before.status === 'DELETED') {
      throw new EngineError(
        'ILLEGAL_TRANSITION',
        `${before.name} is deleted, which cannot be undone. Create a new organization.`,
        {
          from: 'DELETED',
          to: 'changed',
        },
      )
    }
    const fields = (Object.keys(changes) as (keyof OrganizationSettings)[]).filter(
      (field) => changes[field] !== undefined && changes[field] !== before[field],
    )
    if (fields.length === 0) return before
    if (fields.includes('slug') && isKeptSlug(changes.slug!, actor)) throw kept('changes.slug', changes.slug!)
    const { name, slug, maxConcurrent, maxUnfinished, timeZone } = { ...before, ...pick(changes, fields) }
    await tx.$executeRaw`
      UPDATE organizations SET name = ${name}, slug = ${slug}, max_concurrent = ${maxConcurrent}::int, max_unfinished = ${maxUnfinished}::int,
        time_zone = ${timeZone}
      WHERE id = ${organizationId}::uuid`
    const after = (await lockOrganization(tx, organizationId))!
    await writeAudit(tx, {
      ...audited('organization.update', organizationId),
      actor,
      address,
      reason,
      before: pick(before, fields) as Json,
      after: pick(after, fields) as Json,
    })
    // Where the limit of running jobs was raised, jobs that waited may run now.
    await announce(tx, { dispatch: fields.includes('maxConcurrent') })
    return after
  }).catch((error: unknown) => {
    if (sqlState(error) === UNIQUE_VIOLATION && given.slug) throw taken('changes.slug', given.slug)
    throw error
  })
}

const audited = (action: AuditAction, organizationId: string) => ({
  organizationId,
  action,
  targetType: 'organization',
  targetId: organizationId,
})

const taken = (path: string, slug: string) =>
  new EngineError('INVALID_INPUT', `The short name ${slug} is taken. Choose another one.`, {
    fields: [{ path, message: 'is taken' }],
  })

const kept = (path: string, slug: string) =>
  new EngineError(
    'INVALID_INPUT',
    `The short name ${slug} is kept for the organization that delivers messages of alerts. Choose one that does not begin with ${DELIVERING.slug}.`,
    { fields: [{ path, message: 'is kept for the organization that delivers messages of alerts' }] },
  )

/**
 * The refusal names another organization. That is no leak: only system admins create organizations, and they see all of
 * them. A new name of an organization that exists is not compared with others, because its own admins may give one.
 */
const looksLike = (other: string) =>
  new EngineError(
    'INVALID_INPUT',
    `The name looks like that of the organization ${other}. Choose one that nobody takes for it.`,
    { fields: [{ path: 'name', message: `looks like that of the organization ${other}` }] },
  )

const pick = (
  from: Partial<OrganizationSettings>,
  fields: readonly (keyof OrganizationSettings)[],
): Partial<OrganizationSettings> => Object.fromEntries(fields.map((field) => [field, from[field]]))
