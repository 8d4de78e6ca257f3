import { isDeepStrictEqual } from 'node:util'
import type { DbOrTx } from '@/server/db'
import type { AuditAction } from '../../domain/audit/actions'
import { EngineError, type FieldProblem } from '../../domain/errors'
import {
  applyChanges,
  checkJobTypeConfig,
  JOB_TYPE_DEFAULTS,
  type JobTypeChanges,
  type JobTypeConfig,
  type NewJobType,
} from '../../domain/job-type-config'
import type { Actor, Json } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import {
  insertJobType,
  insertVersion,
  knownHandlers,
  lockJobType,
  updateJobType,
  type JobTypeView,
} from '../../store/administration/job-types'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'

// Creates and changes job types. Every change makes a version.

/** Who makes the change, from which address, and why. */
interface By {
  actor: Actor
  address: string | null
  reason?: string | null
}

/**
 * Creates a job type with its version 1. Fields that are not given take JOB_TYPE_DEFAULTS (rule 2 of
 * docs/specification.md).
 *
 * @throws EngineError INVALID_INPUT with the fields: out of range, an unknown handler (no worker has it and no job type
 * uses it), a parameter schema that cannot be used, a name that is taken
 */
export async function createJobType(
  db: DbOrTx,
  { type, actor, address, reason }: By & { type: NewJobType },
): Promise<JobTypeView> {
  return inTransaction(db, async (tx) => {
    const { name, displayName, handler, parameterSchema } = type
    const created = {
      ...applyChanges({ ...JOB_TYPE_DEFAULTS, name, displayName, handler, parameterSchema }, type),
      name,
      version: 1,
    }
    const handlers = await knownHandlers(tx)
    throwIfProblems(checkJobTypeConfig(created, { given: type, handlers: handlers.map(({ key }) => key) }))
    const queue = handlers.find(({ key }) => key === handler)!.queue
    if (!(await insertJobType(tx, created, queue))) {
      throwIfProblems([{ path: 'name', message: `is taken: there is a job type ${name} already` }])
    }
    await insertVersion(tx, created, actor)
    await writeAudit(tx, { ...audited('jobType.create', name), actor, address, reason, after: { ...created } })
    return created
  })
}

/**
 * Changes fields of a job type. Every change makes a version. Jobs keep the version that they were submitted with, but
 * `enabled`, `requiredRole`, `pool` and the concurrency limits apply to all jobs at once. A call that changes nothing
 * makes no version.
 *
 * @param ifVersion the version that the caller has seen. If the job type has another version by now, nothing is
 * changed.
 * @throws EngineError NOT_FOUND, CHANGED_MEANWHILE, or INVALID_INPUT with the fields, under `changes`.
 */
export async function changeJobType(
  db: DbOrTx,
  {
    name,
    changes,
    ifVersion,
    actor,
    address,
    reason,
  }: By & { name: string; changes: JobTypeChanges; ifVersion?: number },
): Promise<JobTypeView> {
  return inTransaction(db, async (tx) => {
    const present = await lockJobType(tx, name)
    if (!present)
      throw new EngineError('NOT_FOUND', `There is no job type ${name}. jobTypes.list names those that exist.`)
    const { version, ...config } = present
    if (ifVersion !== undefined && ifVersion !== version)
      throw new EngineError(
        'CHANGED_MEANWHILE',
        `Somebody else changed ${name} meanwhile: it is at version ${version}, not ${ifVersion}. Read it again, then change it.`,
        { version },
      )
    const changed = applyChanges(config, changes)
    const handlers = await knownHandlers(tx)
    throwIfProblems(
      checkJobTypeConfig(changed, { given: changes, handlers: handlers.map(({ key }) => key), root: 'changes' }),
    )
    const fields = differing(config, changed)
    if (fields.length === 0) return present

    const next = { ...changed, version: version + 1 }
    await updateJobType(tx, next, handlers.find(({ key }) => key === next.handler)?.queue)
    await insertVersion(tx, next, actor)
    await writeAudit(tx, {
      ...audited('jobType.update', name),
      actor,
      address,
      reason,
      before: { version, ...pick(config, fields) },
      after: { version: next.version, ...pick(changed, fields) },
    })
    // The change may have enabled the type or raised a limit. Then jobs that waited may run now, so the dispatcher
    // looks again.
    await announce(tx, { dispatch: true })
    return next
  })
}

function throwIfProblems(fields: FieldProblem[]): void {
  const first = fields[0]
  if (first)
    throw new EngineError('INVALID_INPUT', `The job type does not fit: ${first.path} ${first.message}`, { fields })
}

const audited = (action: AuditAction, name: string) => ({
  organizationId: null,
  action,
  targetType: 'jobType',
  targetId: name,
})

/**
 * The fields that differ. A schema with its fields in another order counts as different, because forms and titles
 * follow the order.
 */
const differing = (before: JobTypeConfig, after: JobTypeConfig) =>
  (Object.keys(after) as (keyof JobTypeConfig)[]).filter((field) =>
    field === 'parameterSchema'
      ? JSON.stringify(before[field]) !== JSON.stringify(after[field])
      : !isDeepStrictEqual(before[field], after[field]),
  )

const pick = (config: JobTypeConfig, fields: readonly (keyof JobTypeConfig)[]) =>
  Object.fromEntries(fields.map((field) => [field, config[field] as Json]))
