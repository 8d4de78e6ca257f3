import type { Command } from 'commander'
import { surroundingsOf, type Session } from './session'
import { told, type Told } from './told'

/** What became of one of several ids: the answer, or why it was refused. */
export type Outcome<Done> = ({ id: string } & Done) | { id: string; error: Told }

/** Does the same to each id, one after the other. A refusal of one does not keep the others from their turn. */
export async function forEach<Done extends object>(
  ids: readonly string[],
  act: (id: string) => Promise<Done>,
): Promise<Outcome<Done>[]> {
  const outcomes: Outcome<Done>[] = []
  for (const id of ids)
    outcomes.push(
      await act(id).then(
        (done) => ({ id, ...done }),
        (error: unknown) => ({ id, error: told(error) }),
      ),
    )
  return outcomes
}

/** Prints every outcome: refusals as lines on standard error, and with --json all of them in one list. One refusal makes the exit code 1. */
export function showOutcomes<Done extends object>(
  command: Command,
  session: Session,
  outcomes: readonly Outcome<Done>[],
  inWords: (done: { id: string } & Done) => string,
): void {
  const refused = outcomes.filter((outcome) => 'error' in outcome)
  if (refused.length > 0) surroundingsOf(command).exitCode = 1
  if (session.json) return session.show(outcomes, () => '')
  for (const outcome of outcomes)
    if ('error' in outcome) session.err(`${outcome.id}: ${outcome.error.message}`)
    else session.out(inWords(outcome))
}
