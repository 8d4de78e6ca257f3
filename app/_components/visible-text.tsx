import type { ReactNode } from 'react'
import { runsRightToLeft, visibleParts } from '@/server/engine/domain/visible'

/**
 * Text that somebody else wrote: a name, a message, a line of a log, a value. What would not be seen, or would turn or hide
 * the text around it, stands as an escape; text that runs from right to left stays within its bounds. What is copied by
 * a button is the real text, so it does not go through here.
 */
export function VisibleText({ text }: { text: string }) {
  const parts = visibleParts(text)
  const shown = parts.map((part, index) =>
    typeof part === 'string' ? (
      part
    ) : (
      <span
        key={index}
        title={`${part.code}, a character that is not seen`}
        className="rounded-sm bg-danger-soft px-0.5 font-mono text-danger"
      >
        {part.escape}
      </span>
    ),
  )
  if (runsRightToLeft(text)) return <bdi>{shown}</bdi>
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : <>{shown}</>
}

/** The same for content that may be text, or a part of the page that is already drawn. */
export const shown = (content: ReactNode): ReactNode =>
  typeof content === 'string' ? <VisibleText text={content} /> : content
