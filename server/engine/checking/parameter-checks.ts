import type { DbOrTx } from '@/server/db'
import { createBreath } from '../domain/breath'
import { CheckTooLong, SMALL_BYTES, smallMeter } from '../domain/parameters'
import {
  acceptedParameters,
  checkAndMask,
  givenParameters,
  type Checked,
  type Given,
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

/** Some checks have to be made before the transaction is run again. */
class ChecksPending extends Error {
  constructor(readonly pending: readonly (Wanted & Given)[]) {
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
  private readonly made = new Map<string, Checked>()

  constructor(private readonly waitInside: boolean) {}

  /**
   * The parameters as they are stored, in order. To be called before the transaction has written anything.
   * @throws EngineError INVALID_PARAMETERS or TOO_LARGE for the first that does not fit
   */
  async accept(all: readonly Wanted[]): Promise<Stored[]> {
    const breath = createBreath()
    const stored: Stored[] = []
    const pending: (Wanted & Given)[] = []
    for (const wanted of all) {
      await breath()
      const given = givenParameters(wanted.given, wanted.at)
      const checked = this.made.get(wanted.key) ?? checkAtOnce(wanted.schema, given)
      if (checked) stored.push(acceptedParameters(given, checked, wanted.at))
      else pending.push({ ...wanted, ...given })
    }
    if (pending.length === 0) return stored
    if (!this.waitInside) throw new ChecksPending(pending)
    await this.make(pending)
    return this.accept(all)
  }

  /** Checks are made one after the other, so that a caller takes one turn at a time. The first that fails is enough. */
  async make(pending: readonly (Wanted & Given)[]): Promise<void> {
    for (const { key, organizationId, schema, parameters } of pending) {
      const checked = await checkElsewhere(organizationId, schema, parameters)
      this.made.set(key, checked)
      if (checked.problems.length > 0) return
    }
  }
}

/** Undefined for a check that would take too long while everybody waits. */
function checkAtOnce(schema: Json, { parameters, bytes }: Given): Checked | undefined {
  if (bytes > SMALL_BYTES) return undefined
  try {
    return checkAndMask(schema, parameters, smallMeter())
  } catch (error) {
    if (error instanceof CheckTooLong) return undefined
    throw error
  }
}
