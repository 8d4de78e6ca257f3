import { cn } from '../cn'
import { tryAgain } from './try-again'

interface Props {
  /** What could not be read, as the beginning of a sentence: "The figures". */
  what: string
  onRetry: () => void
  className?: string
}

/** One line for a part of a page that could not be read, while the rest of the page is shown. It offers to try again. */
export const NotRead = ({ what, onRetry, className }: Props) => (
  <p role="status" className={cn('text-sm text-muted', className)}>
    {what} could not be read.{' '}
    <button
      type="button"
      className="rounded font-medium text-accent underline pointer-coarse:py-2"
      onClick={() => tryAgain(onRetry)}
    >
      Try again
    </button>
  </p>
)
