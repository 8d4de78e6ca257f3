'use client'

import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Input } from '@/app/_components/field'

// The list of procedures at the side of the reference of the API.

export interface ContentsItem {
  id: string
  title: string
  summary: string
  noun: string
}

/**
 * The list of everything that can be called, by noun. Typing narrows it down. The key "/" puts the cursor into the
 * field. The page has this list twice, for wide and for narrow windows. The one that is hidden takes no cursor.
 */
export function Contents({ items }: { items: ContentsItem[] }) {
  const [words, setWords] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
      if (event.key !== '/' || event.metaKey || event.ctrlKey || event.altKey || typing) return
      event.preventDefault()
      field.current?.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found = items.filter(({ title, summary }) =>
    wanted.every((word) => `${title} ${summary}`.toLowerCase().includes(word)),
  )
  const nouns = [...new Set(found.map(({ noun }) => noun))]
  return (
    <nav aria-label="Procedures" className="grid content-start gap-3">
      <div className="relative">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
        />
        <Input
          ref={field}
          type="search"
          aria-label="Find a procedure"
          placeholder="Find a procedure"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="pl-8"
        />
      </div>
      <p role="status" className="sr-only">
        {wanted.length > 0 ? `${found.length} found` : ''}
      </p>
      {found.length === 0 ? <p className="px-2 text-sm text-muted">Nothing here is called so.</p> : null}
      {nouns.map((noun) => (
        <div key={noun}>
          <p className="px-2 pb-0.5 text-xs font-semibold text-faint">{noun}</p>
          <ul>
            {found
              .filter((item) => item.noun === noun)
              .map(({ id, title, summary }) => (
                <li key={id}>
                  <a
                    href={`#${id}`}
                    title={summary}
                    className="block truncate rounded px-2 py-0.5 font-mono text-xs/5 text-muted hover:bg-hover hover:text-ink pointer-coarse:py-2"
                  >
                    {title}
                  </a>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
