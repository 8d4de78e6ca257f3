'use client'

import { useEffect, useRef } from 'react'
import { schemaOfColumn } from './column-types'
import { withField } from './form-values'
import { readColumns } from './read-columns'
import type { FormNode } from './form-node'
import { isObject, ownMember, sameJson, type Json } from './json'

type JsonObject = { [key: string]: Json }

/**
 * What a chosen file says about the fields beside it: its name, and the columns of a CSV file. Columns that somebody has
 * filled in stay. Those that an earlier file gave are replaced by those of a new CSV file.
 *
 * @returns what to call with a chosen file. Undefined where no field beside it takes anything from a file
 */
export function useChosenFile(
  node: Extract<FormNode, { kind: 'object' }>,
  object: JsonObject,
  set: (next: JsonObject) => void,
): ((file: File) => void) | undefined {
  // The file is read while other fields may be filled in, so the latest value is asked for.
  const latest = useRef({ object, set })
  useEffect(() => {
    latest.current = { object, set }
  })
  const filled = useRef<JsonObject | null>(null)
  const chosen = useRef<File | null>(null)
  const nameOf = (kind: 'file-name' | 'columns') => node.fields.find((field) => field.node.kind === kind)?.name
  const [fileName, columns] = [nameOf('file-name'), nameOf('columns')]
  if (fileName === undefined && columns === undefined) return undefined

  const read = async (file: File) => {
    chosen.current = file
    // The upload control took the id of the former file out of the form just before it called this, and `latest` does
    // not show that yet. After this `await` it does, so what is written below does not put that id back.
    const found = await (columns === undefined ? null : readColumns(file))
    // Meanwhile somebody has chosen another file.
    if (chosen.current !== file) return
    let next = latest.current.object
    // The import takes names of at most 255 characters (worker/handlers/import.csv.ts).
    if (fileName !== undefined) next = withField(next, fileName, file.name.slice(0, 255)) as JsonObject
    const present = columns === undefined ? undefined : ownMember(next, columns)
    const untouched =
      present === undefined ||
      (isObject(present) && Object.keys(present).length === 0) ||
      (filled.current !== null && sameJson(filled.current, present))
    if (found && columns !== undefined && untouched) {
      filled.current = Object.fromEntries(
        found.map(({ name, type }) => [name, schemaOfColumn({ type, required: false })]),
      )
      next = withField(next, columns, filled.current) as JsonObject
    }
    latest.current.set(next)
  }
  // A file that cannot be read is told where it is uploaded.
  return (file) => void read(file).catch(() => undefined)
}
