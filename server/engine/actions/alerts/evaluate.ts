import type { Db, Tx } from '@/server/db'
import { LOOK_SECONDS, type AlertKind } from '../../domain/alerts/conditions'
import { isQuiet } from '../../domain/alerts/quiet-hours'
import { pruneAlerts as prune, settleAlerts, takeUntold } from '../../store/alerts/alerts'
import { findingsOf } from '../../store/alerts/findings'
import { noteLooks, takeDueRules, type DueRule } from '../../store/alerts/rules'
import { inTransaction } from '../../store/transaction'
import { deliver, isOfLimit, messageOf } from './deliver'

// Looks whether what alert rules watch is in order, and sends messages where it is not.

/** How many rules one transaction looks at. They are few, so that it stays short: it holds locks on them. */
const RULES_AT_ONCE = 50

/** What one run over the due rules has done. */
export interface AlertWork {
  looked: number
  /** How many deliveries were written down, one for each message and target, also those that were refused. */
  messages: number
  /** What did not succeed. The rules in question are looked at again when it is their turn. */
  failures: AlertFailure[]
}

/** A look at all rules of one kind that failed, or messages that could not be sent for now. */
export interface AlertFailure {
  during: AlertKind | 'messages'
  error: unknown
}

/**
 * Looks at the rules whose turn it is (rule 4.51). Each transaction locks some rules, opens and closes their alerts, and submits the messages
 * about them. Two processes that do it at once take different rules, and one that dies leaves nothing half done: each message is
 * submitted once. A kind of rule whose look fails holds up no other kind.
 *
 * @param forMs for how many milliseconds new transactions are begun. One is always begun
 * @param everySeconds seconds until the next look at these rules
 */
export async function evaluateAlerts(
  db: Db,
  { forMs, everySeconds = LOOK_SECONDS }: { forMs: number; everySeconds?: number },
): Promise<AlertWork> {
  const until = performance.now() + forMs
  const work: AlertWork = { looked: 0, messages: 0, failures: [] }
  do {
    const { looked, messages, failures } = await inTransaction(db, (tx) => lookAtSome(tx, everySeconds))
    work.looked += looked
    work.messages += messages
    work.failures.push(...failures)
    if (looked < RULES_AT_ONCE) break
  } while (performance.now() < until)
  return work
}

async function lookAtSome(tx: Tx, everySeconds: number): Promise<AlertWork> {
  const rules = await takeDueRules(tx, RULES_AT_ONCE)
  if (rules.length === 0) return { looked: 0, messages: 0, failures: [] }
  const active = rules.filter((rule) => rule.active)
  const seen: string[] = []
  const failures: AlertFailure[] = []
  for (const [kind, ofKind] of byKind(active)) {
    const ids = ofKind.map(({ id }) => id)
    try {
      await inTransaction(tx, async () => settleAlerts(tx, ids, await findingsOf(tx, kind, ofKind)))
      seen.push(...ids)
    } catch (error) {
      failures.push({ during: kind, error })
    }
  }
  const messages = await submitWhatIsLetIn(tx, active, failures)
  await noteLooks(tx, { rules, seen, everySeconds })
  return { looked: rules.length, messages, failures }
}

function byKind(rules: readonly DueRule[]): Map<AlertKind, DueRule[]> {
  const kinds = new Map<AlertKind, DueRule[]>()
  for (const rule of rules) kinds.set(rule.condition.kind, [...(kinds.get(rule.condition.kind) ?? []), rule])
  return kinds
}

/**
 * Submits the messages of all rules at once. Where a limit does not let in all of them, it goes on from rule to rule
 * until one is refused. Alerts whose messages cannot be submitted for now are not noted as told, so the next look sends
 * these messages.
 */
async function submitWhatIsLetIn(tx: Tx, rules: readonly DueRule[], failures: AlertFailure[]): Promise<number> {
  try {
    return await inTransaction(tx, () => submitMessages(tx, rules))
  } catch (error) {
    failures.push({ during: 'messages', error })
    if (!isOfLimit(error)) return 0
  }
  let messages = 0
  for (const rule of rules)
    try {
      messages += await inTransaction(tx, () => submitMessages(tx, [rule]))
    } catch (error) {
      if (!isOfLimit(error)) failures.push({ during: 'messages', error })
      break
    }
  return messages
}

/**
 * Submits one message for each rule that has untold alerts, and no quiet hours now. Returns how many deliveries that
 * made: one for each target.
 */
async function submitMessages(tx: Tx, rules: readonly DueRule[]): Promise<number> {
  const awake = rules.filter(({ now, quietHours, timeZone }) => !isQuiet(now, quietHours, timeZone))
  if (awake.length === 0) return 0
  const untold = await takeUntold(
    tx,
    awake.map(({ id }) => id),
  )
  const outgoing = awake.flatMap((rule) => {
    const own = untold.filter(({ ruleId }) => ruleId === rule.id)
    return own.length === 0 ? [] : [{ rule, message: messageOf(rule, own, rule.now) }]
  })
  return (await deliver(tx, outgoing)).length
}

/** Removes alerts and deliveries that are over for 90 days, some at a time. Returns how many. */
export const pruneAlerts = (db: Db): Promise<number> => prune(db)
