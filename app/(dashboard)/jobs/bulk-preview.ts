import type { BulkKind } from '@/app/_components/job-status'
import { formatCount } from '@/app/_components/time'
import { jobs } from './bulk-words'
import type { Selection } from './use-selection'

const CAN: Record<BulkKind, string> = {
  cancel: 'can be canceled',
  retry: 'can be retried',
  delete: 'have ended and can be deleted',
}

interface Asked {
  kind: BulkKind
  selection: Selection
  /** The statuses that the action can change, of those that the filter has. */
  statuses: readonly string[]
  /** How many jobs match the filter and can be changed. Undefined while that is counted. */
  within: { count: number; capped: boolean } | undefined
  /** How many jobs match the filter. Undefined while that is counted. */
  total: { count: number; capped: boolean } | undefined
  /** Why the count failed. Null where it did not fail. */
  failed: string | null
  /** Only the viewer's own jobs can be changed. */
  ownOnly: boolean
  userId: string | null
  /** It may be confirmed although the jobs could not be counted. */
  uncountedToo: boolean
}

/** The text above the buttons of a bulk action, and why it cannot be confirmed (`none`). */
export function previewOf({ kind, selection, statuses, within, total, failed, ownOnly, userId, uncountedToo }: Asked): {
  text: string
  none: string | null
} {
  const can = (count: number) => (count === 1 && kind === 'delete' ? 'has ended and can be deleted' : CAN[kind])
  const others = ownOnly ? 'the others, and those of other people, are skipped.' : 'the others are skipped.'
  if (selection.all) {
    if (failed !== null && !(within && total))
      return {
        text: `They could not be counted: ${failed}`,
        none: uncountedToo ? null : 'How many they are is not known.',
      }
    if (!within || !total) return { text: 'Counting…', none: 'Counting how many they are.' }
    if (within.count === 0)
      return {
        text: `Of the ${formatCount(total.count, total.capped)} that match none ${can(1)}.`,
        none: `None of them ${can(1)}.`,
      }
    if (within.count === total.count && !total.capped)
      return { text: `${jobs(total.count)} match, and all ${can(total.count)}.`, none: null }
    return {
      text: `${formatCount(total.count, total.capped)} match; ${formatCount(within.count, within.capped)} ${can(within.count)}, ${others}`,
      none: null,
    }
  }
  const able = [...selection.jobs.values()].filter(
    (job) =>
      statuses.includes(job.status) && (!ownOnly || (job.submittedBy.type === 'user' && job.submittedBy.id === userId)),
  ).length
  if (able === 0) return { text: `None of them ${can(1)}.`, none: `None of them ${can(1)}.` }
  if (able === selection.jobs.size)
    return { text: able === 1 ? `It ${can(1)}.` : `All ${able} ${can(able)}.`, none: null }
  return { text: `${able} of them ${can(able)}, ${others}`, none: null }
}
