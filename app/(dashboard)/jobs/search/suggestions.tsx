'use client'

import { useEffect, useImperativeHandle, useMemo, useState, type KeyboardEvent, type RefObject } from 'react'
import { cn } from '@/app/_components/cn'
import { VisibleText } from '@/app/_components/visible-text'
import type { JobType } from '@/app/_trpc/types'
import { complete, taken } from './complete'
import { schemaPaths } from './schema-paths'

/** Passes a key that was pressed in the field to the list. True means that the list has used it. */
export type SuggestionKeys = (event: KeyboardEvent) => boolean

interface Props {
  id: string
  text: string
  caret: number
  types: JobType[] | undefined
  /** The names of the job types in the search. Only their parameters are suggested. */
  chosen: readonly string[]
  keys: RefObject<SuggestionKeys | null>
  /** Tells whether the list is open, and which of its entries is marked. */
  onListed: (listed: { active: string | null } | null) => void
  onTake: (text: string, caret: number) => void
}

/** The suggestions for the word that is being typed. The code is loaded when somebody goes into the field. */
export default function Suggestions({ id, text, caret, types = [], chosen, keys, onListed, onTake }: Props) {
  const only = chosen.join(',')
  const paths = useMemo(() => {
    const names = only.split(',').filter(Boolean)
    const meant = types.filter(({ name }) =>
      names.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name)),
    )
    return schemaPaths((meant.length > 0 ? meant : types).map(({ parameterSchema }) => parameterSchema))
  }, [types, only])
  const at = complete(text, caret, { types, paths })
  /** What is typed, and where. A mark in the list holds only for this. */
  const typed = `${at.from} ${text}`
  const [mark, setMark] = useState({ typed, index: -1 })
  /** The text for which the reader has closed the list with Escape. */
  const [closed, setClosed] = useState<string | null>(null)
  const index = mark.typed === typed ? mark.index : -1
  const open = at.options.length > 0 && closed !== typed
  const active = open && index >= 0 ? `${id}-${index}` : null
  useEffect(() => onListed(open ? { active } : null), [open, active, onListed])

  const take = (option: (typeof at.options)[number]) => {
    const next = taken(text, at, option)
    onTake(next.text, next.caret)
  }
  useImperativeHandle(keys, () => (event) => {
    if (!open) return false
    const { length } = at.options
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      // Where no entry is marked yet, the Down key marks the first entry and the Up key the last.
      const next = index < 0 ? (step > 0 ? 0 : length - 1) : index + step
      setMark({ typed, index: next >= length ? -1 : next })
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' })
      return true
    }
    if (event.key === 'Enter' && index >= 0) {
      event.preventDefault()
      take(at.options[index]!)
      return true
    }
    if (event.key === 'Escape' && text !== '') {
      event.preventDefault()
      setClosed(typed)
      return true
    }
    return false
  })

  if (!open) return null
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="Completions"
      className="enter absolute top-full left-0 z-40 mt-1 max-h-80 w-full max-w-xl overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-pop"
    >
      {at.options.map((option, n) => (
        <li
          key={option.text}
          id={`${id}-${n}`}
          role="option"
          aria-selected={n === index}
          className={cn(
            'flex min-h-8 cursor-default items-baseline gap-3 rounded px-2 py-1 text-sm select-none hover:bg-hover pointer-coarse:min-h-10',
            n === index && 'bg-hover',
          )}
          // The press is stopped, so that the field keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(option)}
        >
          <span className="font-mono text-xs">
            <VisibleText text={option.label} />
          </span>
          <span className="min-w-0 truncate text-xs text-faint">
            <VisibleText text={option.note} />
          </span>
        </li>
      ))}
    </ul>
  )
}
