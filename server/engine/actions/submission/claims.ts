import type { Tx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import { dedupeHash, inputHash } from '../../domain/dedupe-hash'
import { EngineError } from '../../domain/errors'
import { takeHashes } from '../../store/admission/dedupe'
import { takeIdempotencyKeys } from '../../store/admission/idempotency'
import type { RateWish } from '../../store/admission/rate'
import type { Draft } from './checks'

/**
 * Registers the idempotency keys. Returns the jobs that exist already, by index. A key that belongs to other input is
 * refused. Where several jobs of a batch have one key, the first of them stands for the others.
 */
export async function resolveIdempotency(
  tx: Tx,
  organizationId: string,
  drafts: readonly Draft[],
): Promise<Map<number, string>> {
  const breath = createBreath()
  const known = new Map<number, string>()
  const firsts = new Map<string, { draft: Draft; hash: Buffer }>()
  for (const draft of drafts) {
    const { idempotencyKey: key, jobType } = draft.input
    if (key === undefined) continue
    const hash = inputHash({ ...draft.input, parameters: draft.parameters })
    const name = JSON.stringify([jobType, key])
    const first = firsts.get(name)
    if (!first) firsts.set(name, { draft, hash })
    else if (first.hash.equals(hash)) known.set(draft.index, first.draft.id)
    else throw mismatch(draft, undefined)
    await breath()
  }
  const claims = [...firsts.values()].map(({ draft, hash }) => ({
    jobId: draft.id,
    jobType: draft.input.jobType,
    key: draft.input.idempotencyKey!,
    inputHash: hash,
  }))
  for (const { jobType, key, existingJobId, existingInputHash } of await takeIdempotencyKeys(
    tx,
    organizationId,
    claims,
  )) {
    const first = firsts.get(JSON.stringify([jobType, key]))!
    if (!existingInputHash.equals(first.hash)) throw mismatch(first.draft, existingJobId)
    for (const draft of drafts) {
      if (draft === first.draft || known.get(draft.index) === first.draft.id) known.set(draft.index, existingJobId)
    }
  }
  return known
}

function mismatch(draft: Draft, existingJobId: string | undefined): EngineError {
  const { idempotencyKey, jobType } = draft.input
  const message = existingJobId
    ? `The idempotency key "${idempotencyKey}" stands for job ${existingJobId} of "${jobType}", submitted with other input. Use a new key.`
    : `The idempotency key "${idempotencyKey}" is in this batch twice, with different input. Use a new key.`
  return new EngineError('IDEMPOTENCY_MISMATCH', message, {
    existingJobId,
    fields: [{ path: `${draft.at}idempotencyKey`, message }],
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

/** New jobs of types that have a rate limit, by type. A count of 0 is a limit. */
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
