'use client'

import { Plus, Trash2 } from 'lucide-react'
import { use, useEffect, useEffectEvent, useState } from 'react'
import { Button, IconButton } from '@/app/_components/button'
import { Input, Select } from '@/app/_components/field'
import { choiceOf, COLUMN_TYPES, schemaOfColumn, type ColumnType } from './column-types'
import { FormContext, type FieldProps } from './form-context'
import { Group, idOf } from './group'
import { isObject, sameJson, type Json } from './json'

interface Row {
  id: number
  name: string
  schema: Json
}

/** The columns of a CSV file: a row for each, with its name, what its cells are, and whether they may be empty. */
export function ColumnsField(props: FieldProps) {
  const { path, value, onChange } = props
  const { setUnreadable } = use(FormContext)
  // Two rows may have the same name while somebody types. An object could not hold both, so the rows are kept apart
  // from it.
  const [rows, setRows] = useState<Row[]>(() => rowsOf(value))
  // The value was changed elsewhere, such as by a file that was chosen.
  if (!sameJson(objectOf(rows), isObject(value) ? (value as Json) : {})) setRows(rowsOf(value))
  const problem = problemOf(rows)
  const tell = useEffectEvent(setUnreadable)
  useEffect(() => {
    tell(path, problem)
    // A field that is removed or moves up in a list takes its problem with it.
    return () => tell(path, null)
  }, [path, problem])

  const set = (next: Row[]) => {
    setRows(next)
    onChange(next.length === 0 ? undefined : objectOf(next))
  }
  const change = (id: number, part: Partial<Row>) => set(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  const add = () =>
    set([
      ...rows,
      {
        id: Math.max(-1, ...rows.map(({ id }) => id)) + 1,
        name: '',
        schema: schemaOfColumn({ type: 'text', required: false }),
      },
    ])
  return (
    <Group {...props}>
      {rows.length > 0 ? (
        <ul className="mb-2 grid gap-2">
          {rows.map((row, i) => (
            <ColumnRow
              key={row.id}
              id={`${idOf(path)}-${row.id}`}
              place={i + 1}
              row={row}
              onChange={(part) => change(row.id, part)}
              onRemove={() => set(rows.filter(({ id }) => id !== row.id))}
            />
          ))}
        </ul>
      ) : null}
      <Button size="sm" onClick={add}>
        <Plus aria-hidden /> Add a column
      </Button>
    </Group>
  )
}

function ColumnRow({
  id,
  place,
  row: { name, schema },
  onChange,
  onRemove,
}: {
  id: string
  place: number
  row: Row
  onChange: (part: Partial<Row>) => void
  onRemove: () => void
}) {
  const choice = choiceOf(schema)
  const called = name || `column ${place}`
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-2 rounded border border-line p-2 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)_auto_auto]">
      <Input
        id={`${id}-name`}
        aria-label={`Name of column ${place}`}
        placeholder="Name"
        autoComplete="off"
        spellCheck={false}
        value={name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <IconButton label={`Remove ${called}`} className="sm:order-last" onClick={onRemove}>
        <Trash2 aria-hidden />
      </IconButton>
      <Select
        id={`${id}-type`}
        aria-label={`Type of ${called}`}
        value={choice?.type ?? ''}
        onChange={(event) =>
          onChange({
            schema: schemaOfColumn({ type: event.target.value as ColumnType, required: choice?.required ?? false }),
          })
        }
      >
        {choice ? null : <option value="">A rule of its own, as JSON</option>}
        {Object.entries(COLUMN_TYPES).map(([type, label]) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </Select>
      <label className="flex items-center gap-2 text-sm whitespace-nowrap">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          aria-label={`Every row needs ${called}`}
          disabled={!choice}
          checked={choice?.required ?? false}
          onChange={(event) =>
            choice && onChange({ schema: schemaOfColumn({ ...choice, required: event.target.checked }) })
          }
        />
        Required
      </label>
    </li>
  )
}

const rowsOf = (value: Json | undefined): Row[] =>
  isObject(value) ? Object.entries(value).map(([name, schema], id) => ({ id, name, schema: schema as Json })) : []

const objectOf = (rows: readonly Row[]): { [name: string]: Json } =>
  Object.fromEntries(rows.map(({ name, schema }) => [name, schema]))

function problemOf(rows: readonly Row[]): string | null {
  if (rows.some(({ name }) => name === '')) return 'Each column needs a name.'
  const names = rows.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice === undefined ? null : `The column “${twice}” is there twice.`
}
