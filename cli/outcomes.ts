import type { Command } from 'commander'
import { JobyardError } from '@/client'
import { surroundingsOf, type Session } from './session'
import { told, type Told } from './told'

/** What became of one of several ids: the answer, or why it was refused or not tried. */
export type Outcome<Done> = ({ id: string } & Done) | { id: string; error: Told }

const NOT_TRIED: Told = { reason: 'NOT_TRIED', message: 'Not tried, because Jobyard did not answer before.' }

/**
 * Does the same to each id, one after the other. A refusal of one does not keep the others from their turn. Where Jobyard
 * does not answer at all, the ids behind are not tried: each of them would wait as long for nothing.
 */
export async function forEach<Done extends object>(
  ids: readonly string[],
  act: (id: string) => Promise<Done>,
): Promise<Outcome<Done>[]> {
  const outcomes: Outcome<Done>[] = []
  let away = false
  for (const id of ids)
    outcomes.push(
      away
        ? { id, error: NOT_TRIED }
        : await act(id).then(
            (done) => ({ id, ...done }),
            (error: unknown) => {
              away = isAway(error)
              return { id, error: told(error) }
            },
          ),
    )
  return outcomes
}

/** True where no answer came, or only that the database is away. */
const isAway = (error: unknown): boolean =>
  error instanceof JobyardError && ['NETWORK', 'UNAVAILABLE'].includes(error.reason)

/**
 * Prints every outcome: refusals as lines on standard error, and with --json all of them in one list. One refusal makes
 * the exit code 1. Ids that were not tried are one line, which can be copied into the next command.
 */
export function showOutcomes<Done extends object>(
  command: Command,
  session: Session,
  outcomes: readonly Outcome<Done>[],
  inWords: (done: { id: string } & Done) => string,
): void {
  const refused = outcomes.filter((outcome) => 'error' in outcome)
  if (refused.length > 0) surroundingsOf(command).exitCode = 1
  if (session.json) return session.show(outcomes, () => '')
  const notTried: string[] = []
  for (const outcome of outcomes)
    if (!('error' in outcome)) session.out(inWords(outcome))
    else if (outcome.error.reason === NOT_TRIED.reason) notTried.push(outcome.id)
    else session.err(`${outcome.id}: ${outcome.error.message}`)
  if (notTried.length > 0) session.err(`Not tried, because Jobyard did not answer before: ${notTried.join(' ')}`)
}
