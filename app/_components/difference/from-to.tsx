import { ArrowRight } from 'lucide-react'
import { VisibleText } from '../visible-text'

/** Shows a change as "2 → 5". Screen readers say "from 2 to 5". */
export function FromTo({ from, to }: { from: string; to: string }) {
  return (
    <span className="wrap-anywhere">
      <span className="sr-only">from </span>
      <span className="text-muted line-through decoration-faint">
        <VisibleText text={from} />
      </span>
      <ArrowRight aria-hidden className="mx-1.5 inline size-3.5 text-faint" />
      <span className="sr-only"> to </span>
      <span className="font-medium">
        <VisibleText text={to} />
      </span>
    </span>
  )
}
