'use client'

import { Search } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useSearchKey } from '@/app/_components/data-table/keys'
import { Input } from '@/app/_components/field'
import { VisibleText } from '@/app/_components/visible-text'
import type { JobType } from '@/app/_trpc/types'
import { NO_QUESTION, type Question } from '../filters'
import type { Problem } from './grammar'
import type { SuggestionKeys } from './suggestions'
import { searchText, searchWords } from './write'

// The code for suggestions is loaded when somebody goes into the field, and the chips when there is something to show.
const Chips = dynamic(() => import('./chips'), { ssr: false })
const Suggestions = dynamic(() => import('./suggestions'), { ssr: false })
/** The list is asked for after the typing has paused for this long. */
const PAUSE_MS = 350

interface Props {
  question: Question
  onChange: (question: Question) => void
  /** Tells whether the field holds a text that was not asked for yet, or that cannot be. */
  onUnsent: (unsent: boolean) => void
  types: JobType[] | undefined
}

/**
 * One field for every filter of the list. It is text while somebody edits it, and shows chips otherwise. It writes to
 * the URL when the typing pauses. The key `/` puts the cursor into it.
 */
export function SearchBox({ question, onChange, onUnsent, types }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const keys = useRef<SuggestionKeys | null>(null)
  /** Where the caret goes once the chosen suggestion is in the field. */
  const caretTo = useRef<number | null>(null)
  const id = useId()
  const asked = searchText(question)
  const [text, setText] = useState(asked)
  const [known, setKnown] = useState(asked)
  const [caret, setCaret] = useState(0)
  const [editing, setEditing] = useState(false)
  /** The code that reads a search. It is loaded when somebody goes into the field. */
  const [grammar, setGrammar] = useState<typeof import('./grammar')>()
  const [listed, setListed] = useState<{ active: string | null } | null>(null)
  /** The reader has pressed Enter or left the field, so problems are shown now. */
  const [done, setDone] = useState(false)
  if (known !== asked) {
    setKnown(asked)
    // The URL was changed by something else, such as the Back button, a menu or a link. If the typed text has the same
    // meaning, it stays as it was typed.
    if (!grammar || searchText(grammar.readSearch(text).question) !== asked) setText(asked)
  }
  useSearchKey(input)
  const begun = editing || text !== asked
  useEffect(() => {
    if (begun) void import('./grammar').then(setGrammar)
  }, [begun])

  const { question: read, problems } = grammar?.readSearch(text) ?? { question, problems: [] }
  // The last word may still be typed, so its problem is not shown yet.
  const problem = problems.find(({ word }) => done || !text.trimEnd().endsWith(word))
  const unsent = grammar ? problems.length > 0 || searchText(read) !== asked : text.trim() !== asked
  // Before the page is drawn, so that nobody can press what belongs to the question before.
  useLayoutEffect(() => onUnsent(unsent), [unsent, onUnsent])
  const send = () => {
    if (problems.length > 0 || searchText(read) === asked) return
    setKnown(searchText(read))
    onChange(read)
  }
  // As an effect event, because a new function must not restart the pause.
  const sendAfterPause = useEffectEvent(() => send())
  useEffect(() => {
    const timer = setTimeout(() => sendAfterPause(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, asked, grammar])

  const put = (next: string, at: number) => {
    setText(next)
    setCaret(at)
    setDone(false)
    caretTo.current = at
  }
  // The caret moves before the next key is handled. Otherwise somebody who types on would type at the wrong place.
  useLayoutEffect(() => {
    const at = caretTo.current
    caretTo.current = null
    if (at !== null) input.current?.setSelectionRange(at, at)
  })
  const onKeyDown = (event: KeyboardEvent) => {
    if (keys.current?.(event)) return
    if (event.key === 'Enter') {
      setDone(true)
      setListed(null)
      send()
    }
    if (event.key === 'Escape') {
      setText('')
      if (asked !== '') onChange(NO_QUESTION)
      input.current?.blur()
    }
  }

  const remove = async (word: string) => {
    const rest = searchWords(question).filter((one) => one !== word)
    onChange((await import('./grammar')).readSearch(rest.join(' ')).question)
  }

  // Chips are drawn only where some word is a condition. Words to search for alone are shown as text.
  const chips = !editing && searchWords(question).some((word) => !question.q.split(' ').includes(word))
  return (
    <div className="relative min-w-0 flex-1 basis-full sm:basis-72">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <Input
        ref={input}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        role="combobox"
        aria-label="Search jobs"
        aria-keyshortcuts="/"
        aria-expanded={listed !== null}
        aria-controls={`${id}-options`}
        aria-autocomplete="list"
        aria-activedescendant={listed?.active ?? undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="Search words, an id, status:failed, order.id:4711"
        value={text}
        className="pl-8.5!"
        onChange={(event) => {
          setText(event.target.value)
          setCaret(event.target.selectionStart ?? event.target.value.length)
          setDone(false)
        }}
        // Where a press lands on the chips says nothing about a place in the text behind them. Typing goes on at its end.
        onMouseDown={(event) => {
          if (!chips || event.button !== 0) return
          event.preventDefault()
          const begun = `${text.trimEnd()} `
          input.current?.focus()
          put(begun, begun.length)
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setEditing(true)}
        onBlur={() => {
          setEditing(false)
          setListed(null)
          setDone(true)
          send()
        }}
        onKeyDown={onKeyDown}
      />
      {chips ? <Chips words={searchWords(question)} onRemove={(word) => void remove(word)} /> : null}
      {editing ? (
        <Suggestions
          id={`${id}-options`}
          text={text}
          caret={caret}
          types={types}
          chosen={read.type}
          keys={keys}
          onListed={setListed}
          onTake={put}
        />
      ) : null}
      <ProblemNote id={`${id}-problem`} problem={problem} />
    </div>
  )
}

/** Tells what is wrong with the search. It lies over the page below, so that nothing moves while somebody types. */
function ProblemNote({ id, problem }: { id: string; problem: Problem | undefined }) {
  return (
    <div id={id} role="status" className="absolute inset-x-0 top-full z-30">
      {problem ? (
        <p className="mt-1 rounded border border-line bg-raised px-2.5 py-1.5 text-sm text-danger shadow-pop wrap-anywhere">
          <span className="font-mono text-xs">
            <VisibleText text={problem.word} />
          </span>{' '}
          <VisibleText text={problem.message} />
        </p>
      ) : null}
    </div>
  )
}
