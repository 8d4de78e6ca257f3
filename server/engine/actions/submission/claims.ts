import type { Tx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import { dedupeHash, inputHash } from '../../domain/dedupe-hash'
import { EngineError } from '../../domain/errors'
import { takeHashes } from '../../store/admission/dedupe'
import { takeIdempotencyKeys } from '../../store/admission/idempotency'
import type { RateWish } from '../../store/admission/rate'
import type { Draft } from './checks'

// Which jobs of a submission exist already: by idempotency key, and by dedupe hash. (These are not the claims by which
// workers take jobs.)

/** A job of a submission that may have an idempotency key. */
export type Claimant = Pick<Draft, 'index' | 'at' | 'id' | 'input' | 'parameters'>

/**
 * Registers the idempotency keys. Returns the ids of the jobs that exist already, by index. A key that belongs to other
 * input is refused. Where several jobs of a batch have the same key, only the first is made. The others return that job.
 */
export async function resolveIdempotency(
  tx: Tx,
  organizationId: string,
  jobs: readonly Claimant[],
): Promise<Map<number, string>> {
  const breath = createBreath()
  const existingIdOf = new Map<number, string>()
  const firsts = new Map<string, { job: Claimant; hash: Buffer }>()
  for (const job of jobs) {
    const { idempotencyKey: key, jobType } = job.input
    if (key === undefined) continue
    const hash = inputHash({ ...job.input, parameters: job.parameters })
    const name = keyName(jobType, key)
    const first = firsts.get(name)
    if (!first) firsts.set(name, { job, hash })
    else if (first.hash.equals(hash)) existingIdOf.set(job.index, first.job.id)
    else throw mismatch(job, undefined)
    await breath()
  }
  const claims = [...firsts.values()].map(({ job, hash }) => ({
    jobId: job.id,
    jobType: job.input.jobType,
    key: job.input.idempotencyKey!,
    inputHash: hash,
  }))
  for (const { jobType, key, existingJobId, existingInputHash } of await takeIdempotencyKeys(
    tx,
    organizationId,
    claims,
  )) {
    const first = firsts.get(keyName(jobType, key))!
    if (!existingInputHash.equals(first.hash)) throw mismatch(first.job, existingJobId)
    // The first job with this key, and those of the batch that pointed to it, now all mean the job that exists.
    for (const job of jobs) {
      if (job === first.job || existingIdOf.get(job.index) === first.job.id) existingIdOf.set(job.index, existingJobId)
    }
  }
  return existingIdOf
}

/** Tells one key of one job type from all others. */
export const keyName = (jobType: string, key: string): string => JSON.stringify([jobType, key])

function mismatch(job: Claimant, existingJobId: string | undefined): EngineError {
  const { idempotencyKey, jobType } = job.input
  const message = existingJobId
    ? `The idempotency key "${idempotencyKey}" stands for job ${existingJobId} of "${jobType}", submitted with other input. Use a new key.`
    : `The idempotency key "${idempotencyKey}" is in this batch twice, with different input. Use a new key.`
  return new EngineError('IDEMPOTENCY_MISMATCH', message, {
    existingJobId,
    fields: [{ path: `${job.at}idempotencyKey`, message }],
  })
}

/** Takes the dedupe hash of each job that wants one. Returns the hashes by job id. */
export async function claimHashes(
  tx: Tx,
  organizationId: string,
  drafts: readonly Draft[],
): Promise<Map<string, Buffer>> {
  const breath = createBreath()
  const hashes = new Map<string, Buffer>()
  const firsts = new Map<string, Draft>()
  for (const draft of drafts) {
    if (draft.input.dedupe === false) continue
    const hash = dedupeHash({ organizationId, jobType: draft.input.jobType, parameters: draft.parameters })
    const name = `${draft.input.jobType} ${hash.toString('hex')}`
    const first = firsts.get(name)
    if (first) {
      throw duplicate(
        draft,
        'is in this batch twice (see ' + (first.at ? first.at.slice(0, -1) : 'the first') + ')',
        {},
      )
    }
    firsts.set(name, draft)
    hashes.set(draft.id, hash)
    await breath()
  }
  const claims = drafts.flatMap(({ id, input }) => {
    const hash = hashes.get(id)
    return hash ? [{ jobId: id, jobType: input.jobType, hash }] : []
  })
  const [holder] = await takeHashes(tx, organizationId, claims)
  if (holder) {
    const draft = drafts.find(({ id }) => id === holder.jobId)!
    throw duplicate(draft, `exists already: job ${holder.existingJobId}, ${holder.existingStatus}`, {
      existingJobId: holder.existingJobId,
      existingStatus: holder.existingStatus,
    })
  }
  return hashes
}

function duplicate(draft: Draft, what: string, data: { existingJobId?: string; existingStatus?: string }): EngineError {
  const message = `The same "${draft.input.jobType}" with the same parameters ${what}. Pass dedupe: false to run it again.`
  return new EngineError('DUPLICATE_JOB', message, { ...data, fields: [{ path: `${draft.at}parameters`, message }] })
}

/** New jobs of types that have a rate limit, by type. A count of 0 is a limit, too: no job at all. */
export function rateWishes(fresh: readonly Draft[]): RateWish[] {
  const wishes = new Map<string, RateWish>()
  for (const { type } of fresh) {
    if (type.rateLimitCount === null || type.rateLimitWindowSeconds === null) continue
    const wish = wishes.get(type.name) ?? {
      jobType: type.name,
      jobs: 0,
      count: type.rateLimitCount,
      windowSeconds: type.rateLimitWindowSeconds,
    }
    wish.jobs++
    wishes.set(type.name, wish)
  }
  return [...wishes.values()]
}
