'use client'

import { use, useEffect, useEffectEvent, useState } from 'react'
import { FieldNote, describedByNote, Textarea } from '@/app/_components/field'
import type { Problems } from './check-parameters'
import { readJson } from './read-json'
import { FormContext } from './form-context'
import type { Json } from './json'
import { visibleJson } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'

/**
 * The parameters as JSON text. Text that can be read becomes the form's value at once. Other text stays in the field,
 * with a note that tells what is wrong.
 */
export function RawJson({
  value,
  onChange,
  problems,
}: {
  value: Json
  onChange: (value: Json) => void
  problems: Problems
}) {
  const { problemAt, setUnreadable } = use(FormContext)
  const [text, setText] = useState(() => visibleJson(value))
  const tell = useEffectEvent(setUnreadable)
  // The field may be taken away, such as when another job type is chosen. Its problem goes with it.
  useEffect(() => () => tell('', null), [])
  const unreadable = problemAt('')
  const list = Object.entries(problems).filter(([path]) => path !== '')
  const note = unreadable ?? (list.length > 0 ? 'See below.' : null)
  return (
    <div className="grid gap-1.5">
      <label htmlFor="raw-json" className="sr-only">
        Parameters as JSON
      </label>
      <Textarea
        id="raw-json"
        mono
        rows={Math.min(28, Math.max(10, text.split('\n').length + 1))}
        spellCheck={false}
        autoComplete="off"
        value={text}
        {...describedByNote('raw-json', null, note)}
        onChange={(event) => {
          setText(event.target.value)
          const parsed = readJson(event.target.value)
          if ('value' in parsed) {
            setUnreadable('', null)
            onChange(parsed.value)
          } else setUnreadable('', parsed.problem)
        }}
        onBlur={() => {
          // Whoever leaves the field sees the JSON indented.
          const parsed = readJson(text)
          if ('value' in parsed) setText(visibleJson(parsed.value))
        }}
      />
      {unreadable ? <FieldNote id="raw-json" error={unreadable} /> : null}
      {list.length > 0 && !unreadable ? (
        <ul id="raw-json-note" className="grid gap-1 text-xs text-danger">
          {list.map(([path, message]) => (
            <li key={path}>
              <span className="font-mono">
                <VisibleText text={path} />
              </span>{' '}
              <VisibleText text={message} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}
