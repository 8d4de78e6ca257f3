import { X } from 'lucide-react'
import { VisibleText } from '@/app/_components/visible-text'
import { visible } from '@/server/engine/domain/visible'
import { conditionOf } from './words'

/**
 * The conditions of the search as chips. They lie over the text field while nobody edits it. A cross removes a
 * condition, and a click anywhere else edits the text.
 */
export default function Chips({ words, onRemove }: { words: string[]; onRemove: (word: string) => void }) {
  return (
    <ul
      aria-label="Conditions of the search"
      className="pointer-events-none absolute inset-y-px right-2 left-8.5 flex bg-surface items-center gap-1 overflow-hidden text-sm"
    >
      {words.map((word) => {
        const condition = conditionOf(word)
        return condition ? (
          <li key={word} className="flex h-6 min-w-0 shrink-0 items-center rounded-sm bg-accent-soft pl-1.5 text-xs">
            <span className="text-muted">
              <VisibleText text={condition.key} />
            </span>
            <span className="ml-1 max-w-48 truncate font-medium">
              <VisibleText text={condition.value} />
            </span>
            <button
              type="button"
              aria-label={`Remove ${visible(word)}`}
              className="pointer-events-auto grid size-6 place-items-center rounded-sm text-faint hover:text-ink"
              onClick={() => onRemove(word)}
            >
              <X aria-hidden className="size-3" />
            </button>
          </li>
        ) : (
          <li key={word} className="shrink-0">
            <VisibleText text={word} />
          </li>
        )
      })}
    </ul>
  )
}
