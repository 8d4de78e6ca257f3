'use client'

import { Dialog } from '../dialog'
import { useOpenActions } from './page-actions'

const EVERYWHERE = [
  ['Ctrl K or ⌘ K', 'Find a job, go to a page, or do something'],
  ['?', 'Show these keys'],
  ['Alt T', 'Go to the message at the edge of the screen, and its links'],
  ['Esc', 'Close what is open'],
] as const
const LISTS = [
  ['/', 'Search'],
  ['j and k', 'Go to the next or the previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row, where rows can be selected'],
  ['r', 'Run the job of the row again, with changes'],
  ['Shift and click', 'Select all rows from the last one that was selected'],
] as const
const SEARCH = [
  ['late payout', 'Words of title, parameters or error, or their beginnings'],
  ['1a2b3c4d', 'The id of a job, or its last 8 characters'],
  ['status:failed,timed-out', 'A state; also type, priority, title, why, by'],
  ['type:report.*', 'All job types that begin so'],
  ['order.id:4711', 'A value of the parameters'],
  ['waiting:>1h', 'Waits for longer'],
  ['created:24h ended:>2026-01-31', 'Within a span, or after a moment'],
  ['"status:failed"', 'In quotation marks: words to look for'],
] as const

/** Lists the keys that work, and shows how to write a search. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const own = useOpenActions().flatMap(({ keys, label }) => (keys ? [[keys, label] as const] : []))
  return (
    <Dialog title="Keys and search" text="They work wherever no text is typed." busy={false} wide onClose={onClose}>
      <div className="mt-4 grid gap-4">
        <Keys title="Everywhere" rows={EVERYWHERE} />
        <Keys title="In lists" rows={[...LISTS, ...own]} />
        <Keys title="In the search for jobs" rows={SEARCH} />
      </div>
    </Dialog>
  )
}

const Keys = ({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) => (
  <section>
    <h3 className="mb-1.5 text-sm font-medium">{title}</h3>
    <dl className="grid grid-cols-[minmax(8rem,max-content)_1fr] gap-x-4 gap-y-1.5 text-sm max-sm:grid-cols-1 max-sm:gap-y-0.5">
      {rows.map(([keys, what]) => (
        <div key={keys} className="contents">
          <dt>
            <kbd className="rounded-sm border border-line bg-surface px-1 font-mono text-xs">{keys}</kbd>
          </dt>
          <dd className="text-muted max-sm:mb-1.5">{what}</dd>
        </div>
      ))}
    </dl>
  </section>
)
