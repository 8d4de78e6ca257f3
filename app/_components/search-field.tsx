'use client'

import { Search } from 'lucide-react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useSearchKey } from './data-table/keys'
import { Input } from './field'

interface Props {
  label: string
  placeholder: string
  /** A tooltip that tells what the field searches. It may be longer than the placeholder. */
  title?: string
  /** Why a text cannot be searched for, in a few words. Null where it can. */
  problemOf?: (text: string) => string | null
  value: string
  onChange: (value: string) => void
}

/** How long the typing pauses before the text is searched for. */
const PAUSE_MS = 350

/** A search field that writes to the URL when the typing pauses. The key `/` puts the cursor into it from anywhere. */
export function SearchField({ label, placeholder, title, problemOf = () => null, value, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // The URL was changed by something else, such as the Back button, a link, or a button that clears the filters.
    setKnown(value)
    setText(value)
  }
  // As an effect event, because a new `onChange` must not restart the pause.
  const search = useEffectEvent((words: string) => onChange(words))
  const trimmed = text.trim()
  const problem = trimmed === '' ? null : problemOf(trimmed)
  const hasProblem = problem !== null
  useEffect(() => {
    if (trimmed === value || hasProblem) return
    const timer = setTimeout(() => search(trimmed), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [trimmed, value, hasProblem])
  useSearchKey(input)

  return (
    <div className="relative min-w-0 basis-full sm:w-72 sm:basis-auto">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        title={title}
        value={text}
        className="pl-8.5!"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // Enter without a change does nothing. Otherwise it would add a step to the browser's history.
          if (event.key === 'Enter' && !hasProblem && trimmed !== value) onChange(trimmed)
          if (event.key === 'Escape') {
            setText('')
            if (value !== '') onChange('')
            input.current?.blur()
          }
        }}
      />
      <span aria-live="polite" className="absolute top-1/2 right-3 -translate-y-1/2 bg-surface text-xs text-faint">
        {problem}
      </span>
    </div>
  )
}
