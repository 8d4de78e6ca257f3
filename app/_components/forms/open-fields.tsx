'use client'

import { Plus, Trash2 } from 'lucide-react'
import { use, useEffect, useEffectEvent, useState } from 'react'
import { Button, IconButton } from '@/app/_components/button'
import { Field, Input } from '@/app/_components/field'
import { FormContext, type FieldProps, type DrawField } from './form-context'
import { idOf } from './group'
import { blank, initialValue, isUnfilled } from './form-values'
import { childPath, isObject, type Json } from './json'
import type { FormNode } from './form-node'

type Row = { id: number; key: string; value: Json }

/** Fields whose names the schema leaves open. In each row, somebody enters a name and a value. */
export function OpenFields({
  rest,
  known,
  path,
  value,
  onChange,
  drawField,
}: Pick<FieldProps, 'path' | 'value' | 'onChange'> & {
  rest: FormNode
  /** Names that have a field elsewhere in the form. */
  known: readonly string[]
  drawField: DrawField
}) {
  const { setUnreadable } = use(FormContext)
  const object = isObject(value) ? (value as { [key: string]: Json }) : {}
  // Two rows may have the same name while somebody types. An object could not hold both, so the rows are kept apart
  // from it.
  const [rows, setRows] = useState<Row[]>(() =>
    Object.entries(object)
      .filter(([name]) => !known.includes(name))
      .map(([key, value], id) => ({ id, key, value })),
  )
  const problem = problemOf(rows, known)
  const tell = useEffectEvent(setUnreadable)
  useEffect(() => {
    tell(path, problem)
    // A field that is removed or moves up in a list takes its problem with it.
    return () => tell(path, null)
  }, [path, problem])

  const set = (next: Row[]) => {
    setRows(next)
    const own = Object.entries(object).filter(([name]) => known.includes(name))
    onChange(
      Object.fromEntries([...own, ...next.filter(({ key }) => key !== '').map(({ key, value }) => [key, value])]),
    )
  }
  return (
    <div className="sm:col-span-2">
      <ul className="grid gap-2">
        {rows.map(({ id, key, value: one }, i) => (
          <li key={id} className="flex items-start gap-2 rounded border border-line p-3">
            <div className="grid min-w-0 flex-1 items-start gap-x-4 gap-y-3 sm:grid-cols-2">
              <Field id={`${idOf(path)}-name-${id}`} label={`Name ${i + 1}`} required>
                <Input
                  id={`${idOf(path)}-name-${id}`}
                  autoComplete="off"
                  spellCheck={false}
                  value={key}
                  onChange={(event) =>
                    set(rows.map((row) => (row.id === id ? { ...row, key: event.target.value } : row)))
                  }
                />
              </Field>
              {drawField({
                node: { ...rest, title: rest.title ?? `Value ${i + 1}` },
                name: key,
                path: childPath(path, key),
                required: true,
                value: isUnfilled(rest, one) ? undefined : one,
                onChange: (next) =>
                  set(rows.map((row) => (row.id === id ? { ...row, value: next ?? blank(rest) } : row))),
              })}
            </div>
            <IconButton
              label={key ? `Remove ${key}` : `Remove row ${i + 1}`}
              className="mt-7"
              onClick={() => set(rows.filter((row) => row.id !== id))}
            >
              <Trash2 aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <Button
        size="sm"
        className={rows.length > 0 ? 'mt-2' : undefined}
        onClick={() =>
          set([
            ...rows,
            { id: Math.max(-1, ...rows.map((row) => row.id)) + 1, key: '', value: initialValue(rest) ?? blank(rest) },
          ])
        }
      >
        <Plus aria-hidden /> Add an entry
      </Button>
    </div>
  )
}

function problemOf(rows: readonly Row[], known: readonly string[]): string | null {
  if (rows.some(({ key }) => key === '')) return 'Each entry needs a name.'
  const names = [...known, ...rows.map(({ key }) => key)]
  const twice = rows.find(({ key }) => names.indexOf(key) !== names.lastIndexOf(key))
  return twice ? `The name “${twice.key}” is there twice.` : null
}
