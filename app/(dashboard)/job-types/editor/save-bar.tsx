import type { ReactNode } from 'react'
import { Button } from '@/app/_components/button'

interface Props {
  /** How many settings are changed. */
  changed: number
  problems: number
  /** Why it cannot go on, apart from problems. */
  unavailable: string | null
  /** Stands in place of what is changed: something more urgent. */
  notice?: ReactNode
  busy?: boolean
  review: string
  /** Undefined: there is nothing to go back to. */
  onDiscard?: () => void
}

/** Stands at the foot of the window while something is changed: how much, and the way on and back. */
export function SaveBar({ changed, problems, unavailable, notice, busy, review, onDiscard }: Props) {
  return (
    <div className="sticky bottom-0 z-20 -mx-4 mt-4 border-t border-line bg-canvas px-4 py-3 lg:-mx-page lg:px-page">
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" busy={busy} unavailable={unavailable}>
          {review}
        </Button>
        {onDiscard ? <Button onClick={onDiscard}>Discard</Button> : null}
        <p aria-live="polite" className="text-sm">
          {notice ? (
            notice
          ) : problems > 0 ? (
            <span className="text-danger">
              {problems === 1 ? '1 field needs attention.' : `${problems} fields need attention.`}
            </span>
          ) : (
            <span className="text-faint">
              {changed === 0 ? '' : changed === 1 ? '1 setting is changed.' : `${changed} settings are changed.`}
            </span>
          )}
        </p>
      </div>
    </div>
  )
}
