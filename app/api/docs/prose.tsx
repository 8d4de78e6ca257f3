import { Fragment } from 'react'
import { cn } from '@/app/_components/cn'

/** A text from the router. Blank lines separate paragraphs, and backticks enclose code. */
export function Prose({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cn('grid gap-2', className)}>
      {text.split('\n\n').map((paragraph) => (
        <p key={paragraph} className="max-w-[75ch]">
          <Inline text={paragraph} />
        </p>
      ))}
    </div>
  )
}

export function Inline({ text }: { text: string }) {
  return text.split('`').map((piece, index) =>
    index % 2 === 1 ? (
      <code key={index} className="rounded-sm bg-hover px-1 font-mono text-xs break-words text-ink">
        {piece}
      </code>
    ) : (
      <Fragment key={index}>{piece}</Fragment>
    ),
  )
}
