import type { Difference } from '@/app/_components/forms/difference'
import type { Json } from '@/app/_components/forms/json'
import { VisibleText } from '@/app/_components/visible-text'
import { cutText } from '@/server/engine/domain/visible'

/** A value is cut to this many characters. */
const LONGEST = 120
/** The most differences that are listed. */
const MOST = 50

/** How the parameters of two jobs differ: the place, the value before, and the value after. */
export function DifferenceList({ items, label }: { items: readonly Difference[]; label: string }) {
  return (
    <ul aria-label={label} className="grid gap-1 font-mono text-xs/5">
      {items.slice(0, MOST).map(({ path, before, after, secret }) => (
        <li key={path} className="wrap-anywhere">
          <span className="text-muted">
            <VisibleText text={path || 'all of it'} />
          </span>{' '}
          {secret ? (
            <span className="font-sans text-muted">
              {after === undefined ? 'removed' : before === undefined ? 'added, unseen' : 'another value, unseen'}
            </span>
          ) : (
            <>
              {before === undefined ? (
                <span className="font-sans text-faint">added</span>
              ) : (
                <del className="text-danger decoration-danger/50">
                  <Value value={before} />
                </del>
              )}{' '}
              {after === undefined ? (
                <span className="font-sans text-faint">removed</span>
              ) : (
                <ins className="text-completed no-underline">
                  <span aria-hidden className="text-faint">
                    →{' '}
                  </span>
                  <Value value={after} />
                </ins>
              )}
            </>
          )}
        </li>
      ))}
      {items.length > MOST ? (
        <li className="font-sans text-faint">and {(items.length - MOST).toLocaleString('en')} more</li>
      ) : null}
    </ul>
  )
}

function Value({ value }: { value: Json }) {
  const text = JSON.stringify(value)
  return <VisibleText text={text.length > LONGEST ? `${cutText(text, LONGEST)}…` : text} />
}
