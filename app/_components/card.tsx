import type { ReactNode } from 'react'
import { cn } from './cn'

interface Props {
  title?: ReactNode
  /** A short text beside the title, in small grey letters. */
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  /** False lets the content reach the edges of the card, as tables and logs do. */
  padded?: boolean
  /** The content may grow to the height of the card, which stands beside a higher one. It is laid out as a column. */
  fills?: boolean
  id?: string
}

/** A piece of a page with a heading of its own. */
export function Card({ title, note, actions, children, className, padded = true, fills = false, id }: Props) {
  return (
    <section
      aria-labelledby={id}
      className={cn(
        'min-w-0 rounded-lg border border-line bg-surface shadow-card',
        fills && 'flex flex-col',
        className,
      )}
    >
      {title ? (
        // With a button for a finger this line is 49 px high (12.25 units of 4 px). It is so from the start, so that
        // nothing moves when the button takes the place of the words that stand there while the card is loading.
        <div
          className={cn(
            'flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-4 py-1.5',
            Boolean(actions) && 'pointer-coarse:min-h-12.25',
          )}
        >
          <h2 id={id} className="text-sm font-semibold">
            {title}
          </h2>
          {note ? <span className="text-xs text-faint tabular-nums">{note}</span> : null}
          {actions ? <div className="ml-auto flex items-center gap-1.5">{actions}</div> : null}
        </div>
      ) : null}
      <div className={cn(padded && 'p-4', fills && 'flex flex-1 flex-col')}>{children}</div>
    </section>
  )
}
