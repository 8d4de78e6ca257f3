'use client'

import { cn } from '../cn'
import { useFocusHeir } from '../focus-heir'

interface Props {
  /** What could not be read, as the beginning of a sentence: "The figures". */
  what: string
  onRetry: () => void
  className?: string
}

/** One line for a part of a page that could not be read, while the rest of the page is shown. It offers to try again. */
export function NotRead({ what, onRetry, className }: Props) {
  const button = useFocusHeir<HTMLButtonElement>()
  return (
    <p role="status" className={cn('text-sm text-muted', className)}>
      {what} could not be read.{' '}
      <button
        ref={button}
        type="button"
        className="rounded font-medium text-accent underline pointer-coarse:py-2"
        onClick={onRetry}
      >
        Try again
      </button>
    </p>
  )
}
