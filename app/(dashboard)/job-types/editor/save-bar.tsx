import type { ReactNode } from 'react'
import { Button } from '@/app/_components/button'

interface Props {
  /** How many settings were changed. */
  changed: number
  problems: number
  /** Why it cannot be saved now, apart from problems in fields. */
  unavailable: string | null
  /** A more urgent message that takes the place of the number of changes. */
  notice?: ReactNode
  busy?: boolean
  review: string
  /** Undefined where there is nothing to discard. */
  onDiscard?: () => void
}

/**
 * A bar at the bottom of the window while something is changed. It tells how many settings were changed, and has
 * buttons to go on or to discard.
 */
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
