import type { DbOrTx } from '@/server/db'
import { createBreath } from '../domain/breath'
import { CheckTooLong, SMALL_BYTES, withinWork, workAtOnce, type Work } from '../domain/parameters'
import {
  acceptedParameters,
  checkAndMask,
  givenParameters,
  type Checked,
  type GivenParameters,
} from '../domain/stored-parameters'
import type { Json } from '../domain/types'
import { isClient } from '../store/transaction'
import { checkElsewhere } from './pool'

/** Parameters that must fit a schema. */
export interface Wanted {
  /** Identifies this check, with the version of its schema, when the transaction is run again. */
  key: string
  organizationId: string
  given: unknown
  schema: Json
  /** The prefix of the parameters in the caller's input: `jobs[3].`, `changes.` or nothing. */
  at: string
}

export interface Stored {
  parameters: Json
  /** The parameters as everybody may read them. */
  masked: Json
}

interface Found {
  given: GivenParameters
  /** Undefined where a thread has to check it. */
  checked: Checked | undefined
}

interface Pending {
  wanted: Wanted
  given: GivenParameters
}

/** Some checks are to be made before the transaction is run again. */
class ChecksPending extends Error {
  constructor(readonly pending: readonly Pending[]) {
    super('parameters are to be checked outside of the transaction')
  }
}

const MOST_ROUNDS = 5

/**
 * Runs `work`, which checks parameters against schemas that it reads in its transaction. Small checks are made at once.
 * A check that may take long is made in a thread, and no transaction of the engine's own waits for it: the transaction
 * is rolled back before it has written anything, the check is made, and `work` runs again. A caller's transaction has
 * to wait.
 */
export async function withParameterChecks<T>(db: DbOrTx, work: (checks: ParameterChecks) => Promise<T>): Promise<T> {
  const checks = new ParameterChecks(!isClient(db))
  for (let round = 1; ; round++) {
    try {
      return await work(checks)
    } catch (error) {
      if (!(error instanceof ChecksPending) || round === MOST_ROUNDS) throw error
      await checks.make(error.pending)
    }
  }
}

export class ParameterChecks {
  /** What was found out of each, so that a second round only looks it up. */
  private readonly made = new Map<string, Found>()
  /** What this call may still check where everybody waits. */
  private left: Work | undefined

  constructor(private readonly waitInside: boolean) {}

  /**
   * The parameters as they are stored, in order. To be called before the transaction has written anything.
   * @throws EngineError INVALID_PARAMETERS or TOO_LARGE for the first that does not fit, UNAVAILABLE where the machine
   *   is too busy to tell
   */
  async accept(all: readonly Wanted[]): Promise<Stored[]> {
    const breath = createBreath()
    this.left ??= workAtOnce(all.length)
    const stored: Stored[] = []
    const pending: Pending[] = []
    for (const wanted of all) {
      await breath()
      const found = this.made.get(wanted.key) ?? this.find(wanted, this.left)
      if (found.checked) stored.push(acceptedParameters(found.given, found.checked, wanted.at))
      else pending.push({ wanted, given: found.given })
    }
    if (pending.length === 0) return stored
    if (!this.waitInside) throw new ChecksPending(pending)
    await this.make(pending)
    return this.accept(all)
  }

  /** One after the other, so that a caller takes one turn at a time; the first that does not fit is enough. */
  async make(pending: readonly Pending[]): Promise<void> {
    for (const { wanted, given } of pending) {
      const checked = await checkElsewhere(wanted.organizationId, wanted.schema, given.parameters)
      this.made.set(wanted.key, { given, checked })
      if (checked.problems.length > 0) return
    }
  }

  private find({ key, given, schema, at }: Wanted, left: Work): Found {
    const found: Found = { given: givenParameters(given, at), checked: undefined }
    found.checked = checkAtOnce(schema, found.given, left)
    this.made.set(key, found)
    return found
  }
}

/** Undefined for what takes too long where everybody waits. */
function checkAtOnce(schema: Json, { parameters, bytes }: GivenParameters, left: Work): Checked | undefined {
  if (bytes > SMALL_BYTES) return undefined
  try {
    return withinWork(left, (meter) => checkAndMask(schema, parameters, meter))
  } catch (error) {
    if (error instanceof CheckTooLong) return undefined
    throw error
  }
}
