import { isDeepStrictEqual } from 'node:util'
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

/** Parameters as they are stored. */
export interface Stored {
  parameters: Json
  /** The parameters as everybody may read them. */
  masked: Json
}

interface Found {
  /** As the caller gave it. */
  of: unknown
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

/** How often the transaction is run at most. In each round it may read other values, which have to be checked again. */
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
      await checks.checkInThreads(error.pending)
    }
  }
}

/** The checks of one call, over all rounds of its transaction. */
export class ParameterChecks {
  /** What was found out of each by its key, so that a second round only looks it up. */
  private readonly found = new Map<string, Found>()
  /** How much this call may still check on the main thread, which holds up all other requests. */
  private workLeft: Work | undefined

  /** @param waitInside true in a caller's transaction, which cannot be run again: it waits for the threads */
  constructor(private readonly waitInside: boolean) {}

  /**
   * The parameters as they are stored, in order. To be called before the transaction has written anything, so that a
   * rollback throws away nothing but reads.
   * @throws EngineError INVALID_PARAMETERS or TOO_LARGE for one that does not fit, RATE_LIMITED where too many checks of
   *   the organization wait, UNAVAILABLE where the machine is too busy to tell
   */
  async accept(all: readonly Wanted[]): Promise<Stored[]> {
    const breath = createBreath()
    this.workLeft ??= workAtOnce(all.length)
    const stored: Stored[] = []
    const pending: Pending[] = []
    for (const wanted of all) {
      await breath()
      const found = this.known(wanted) ?? this.checkHere(wanted, this.workLeft)
      if (found.checked) stored.push(acceptedParameters(found.given, found.checked, wanted.at))
      else pending.push({ wanted, given: found.given })
    }
    if (pending.length === 0) return stored
    if (!this.waitInside) throw new ChecksPending(pending)
    await this.checkInThreads(pending)
    return this.accept(all)
  }

  /**
   * One after the other, so that a caller takes one turn at a time. The first that does not fit is enough: `accept`
   * refuses it before it comes to those that were not checked.
   */
  async checkInThreads(pending: readonly Pending[]): Promise<void> {
    for (const { wanted, given } of pending) {
      const checked = await checkElsewhere(wanted.organizationId, wanted.schema, given.parameters)
      this.found.set(wanted.key, { of: wanted.given, given, checked })
      if (checked.problems.length > 0) return
    }
  }

  /** What was found out in a round before. A value that was read from a row may be another one by now. */
  private known({ key, given }: Wanted): Found | undefined {
    const found = this.found.get(key)
    return found && isDeepStrictEqual(found.of, given) ? found : undefined
  }

  private checkHere({ key, given: of, schema, at }: Wanted, workLeft: Work): Found {
    const given = givenParameters(of, at)
    const found: Found = { of, given, checked: checkAtOnce(schema, given, workLeft) }
    this.found.set(key, found)
    return found
  }
}

/** Undefined for what takes too long on the main thread. */
function checkAtOnce(schema: Json, { parameters, bytes }: GivenParameters, workLeft: Work): Checked | undefined {
  if (bytes > SMALL_BYTES) return undefined
  try {
    return withinWork(workLeft, (meter) => checkAndMask(schema, parameters, meter))
  } catch (error) {
    if (error instanceof CheckTooLong) return undefined
    throw error
  }
}
