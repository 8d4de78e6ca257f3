import { isObject, sameJson, type Json } from './json'

/** What the cells of a column are, as people choose it. */
export const COLUMN_TYPES = {
  text: 'Text',
  integer: 'Whole number',
  number: 'Number',
  boolean: 'true or false',
  date: 'Date, as 2026-11-30',
  email: 'Email address',
} as const
export type ColumnType = keyof typeof COLUMN_TYPES

/** A column as the form shows it. */
export interface ColumnChoice {
  type: ColumnType
  /** No cell of it may be empty. */
  required: boolean
}

/** The JSON Schema for the cells of a column. An empty cell is null, and for text the empty text (docs/uploads.md). */
export function schemaOfColumn({ type, required }: ColumnChoice): { [key: string]: Json } {
  switch (type) {
    case 'text':
      return required ? { type: 'string', minLength: 1 } : { type: 'string' }
    case 'date':
    case 'email':
      return { type: required ? 'string' : ['string', 'null'], format: type }
    default:
      return { type: required ? type : [type, 'null'] }
  }
}

/** What a JSON Schema of a column says, or null where the form has no words for it. An empty schema allows any text. */
export function choiceOf(schema: Json): ColumnChoice | null {
  for (const type of Object.keys(COLUMN_TYPES) as ColumnType[])
    for (const required of [true, false])
      if (sameJson(schemaOfColumn({ type, required }), schema)) return { type, required }
  return isObject(schema) && Object.keys(schema).length === 0 ? { type: 'text', required: false } : null
}

/** The type that all of these cells have. Empty cells say nothing. Email addresses count as text. */
export function guessType(cells: readonly string[]): ColumnType {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  // A number of at most 15 digits is exact in JavaScript. A longer one is more likely a card or an account.
  const all = (pattern: RegExp) => filled.length > 0 && filled.every((cell) => cell.length <= 15 && pattern.test(cell))
  // A number with a leading zero is the number of a house, a phone or a customer.
  if (all(/^-?(?:0|[1-9]\d*)$/)) return 'integer'
  if (all(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/)) return 'number'
  if (all(/^(?:true|false)$/)) return 'boolean'
  if (all(/^\d{4}-\d\d-\d\d$/)) return 'date'
  return 'text'
}
