import type { ReactNode } from 'react'
import { runsRightToLeft, visibleParts } from '@/server/engine/domain/visible'

/**
 * Shows text that somebody else wrote, such as a name, a message, a line of a log or a value. Invisible characters, and
 * those that would turn or hide the text around them, are shown as escapes. Text that runs from right to left does not
 * affect the text around it. A button that copies uses the real text, without this component.
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

/** Shows content that may be a text or an already drawn part of the page. A text goes through `VisibleText`. */
export const visibleContent = (content: ReactNode): ReactNode =>
  typeof content === 'string' ? <VisibleText text={content} /> : content
