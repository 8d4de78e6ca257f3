import { checkParameters, CheckTooLong, Meter, NO_LIMIT } from '@/server/engine/domain/parameters'
import { checkSchema } from '@/server/engine/domain/parameter-schema'
import type { Json } from '@/server/engine/domain/types'
import { PermanentError } from '@jobyard/handler'
import { CELL_TYPES, cellReader, typesOf, type CellValue } from './cells'

// The columns of a CSV import, and the check of its rows.

/** One column of the file, in the file's order. */
export interface Column {
  name: string
  read: (text: string) => CellValue
  schema: Json
}

/** Why a row is refused: the first column that is wrong, and what is wrong in it and in others. */
export interface RowProblem {
  column: string
  reason: string
}

/**
 * The columns that the parameters ask for.
 * @throws PermanentError for a schema that is none, or that no cell could fit
 */
export function columnsOf(columns: { [name: string]: Json }): ReadonlyMap<string, Column> {
  const problems = Object.entries(columns).flatMap(([name, schema]) => problemsOf(name, schema))
  if (problems.length > 0)
    throw new PermanentError(`The parameter columns does not fit: ${problems.slice(0, 10).join('; ')}.`)
  return new Map(Object.entries(columns).map(([name, schema]) => [name, { name, schema, read: cellReader(schema) }]))
}

function problemsOf(name: string, schema: Json): string[] {
  if (schema === true) return []
  const faults = checkSchema(schema, `columns.${name}`).map(({ path, message }) => `${path} ${message}`)
  if (faults.length > 0) return faults
  const foreign = typesOf(schema).filter((type) => !(CELL_TYPES as readonly string[]).includes(type))
  return foreign.length > 0
    ? [
        `columns.${name}.type must be of ${CELL_TYPES.join(', ')}, since a cell is one value; ${foreign.join(', ')} is none`,
      ]
    : []
}

/**
 * The columns in the order of the file's first line.
 * @throws PermanentError where one is missing, unknown or there twice
 */
export function inOrderOf(header: readonly string[], known: ReadonlyMap<string, Column>): Column[] {
  const names = header.map((name) => name.trim())
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
  const missing = [...known.keys()].filter((name) => !names.includes(name))
  const unknown = [...new Set(names.filter((name) => !known.has(name)))]
  const problems = [
    ...(missing.length > 0 ? [`it lacks ${listed(missing)}`] : []),
    ...(unknown.length > 0 ? [`it has ${listed(unknown)}, which the parameter columns does not name`] : []),
    ...(twice.length > 0 ? [`it has ${listed(twice)} twice`] : []),
  ]
  if (problems.length > 0)
    throw new PermanentError(
      `The columns of the file do not fit: ${problems.join('; ')}. The first line must name exactly ${listed([...known.keys()])}, in any order.`,
    )
  return names.map((name) => known.get(name)!)
}

/** What is wrong in a row, or null. `cells` are its texts, in the order of the columns. */
export class RowCheck {
  // A thread of its own runs this, and it can be ended when the time of the job is over. So the work has no other limit,
  // and patterns may run that can take for ever.
  private readonly meter = new Meter(NO_LIMIT, true)

  constructor(private readonly columns: readonly Column[]) {}

  /** @param numbers is filled in: for each cell, whether its value is a number */
  problemIn(cells: readonly string[], numbers: boolean[]): RowProblem | null {
    const { columns } = this
    if (cells.length !== columns.length)
      return {
        column: '',
        reason: `has ${counted(cells.length, 'cell')}, and the file has ${counted(columns.length, 'column')}`,
      }
    let first: RowProblem | null = null
    const others: string[] = []
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!
      const cell = column.read(cells[i]!)
      numbers[i] = 'value' in cell && typeof cell.value === 'number'
      const reason = 'problem' in cell ? cell.problem : this.schemaProblem(column.schema, cell.value)
      if (reason === null) continue
      if (first) others.push(`${column.name} ${reason}`)
      else first = { column: column.name, reason }
    }
    return first && others.length > 0
      ? { column: first.column, reason: `${first.reason}; also ${others.join('; ')}` }
      : first
  }

  private schemaProblem(schema: Json, value: Json): string | null {
    try {
      const problems = checkParameters(schema, value, this.meter, '')
      return problems.length === 0 ? null : problems.map(({ message }) => message).join(', ')
    } catch (error) {
      if (error instanceof CheckTooLong)
        return 'cannot be checked against the schema of its column: that takes too long'
      throw error
    }
  }
}

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`

/** Names as they can be read in a message, however many there are. */
export const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 20).map((name) => (name === '' ? 'a column without a name' : `"${name.slice(0, 60)}"`))
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ')
}
