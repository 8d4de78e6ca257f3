import { numberProblem } from '@/server/engine/domain/exact-numbers'
import { isObject } from '@/server/engine/domain/schema-walk'
import type { Json } from '@/server/engine/domain/types'
import { cutText } from '@/server/engine/domain/visible'

// Turns the cells of a CSV file into values, by the types of their columns.

/** The value of a cell, or why its text is no value that the column may hold. */
export type CellValue = { value: Json } | { problem: string }

/** What a column may hold. A cell is one value, so lists and objects are not among these. */
export const CELL_TYPES = ['string', 'number', 'integer', 'boolean', 'null'] as const
type CellType = (typeof CELL_TYPES)[number]

/** A number of JSON: no sign +, no zeros in front, a point and no comma, nothing around it. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * Reads the cells of one column (rule 4.36). The schema names the types that the column may hold. The first rule that
 * fits counts:
 * - an empty cell is null where the column may hold null, otherwise the empty string, otherwise a fault;
 * - `true` and `false`, in capitals or not, are a boolean where it may hold one;
 * - what JSON writes as a number is a number where it may hold one. If a double cannot hold it exactly, it is a string
 *   where the column may hold one, otherwise a fault;
 * - anything else is a string where it may hold one, otherwise a fault.
 */
export function cellReader(schema: Json): (text: string) => CellValue {
  const types = new Set(typesOf(schema))
  const may = (type: CellType) => types.has(type)
  const numeric = may('number') || may('integer')
  const expected = expectedOf(types)
  return (text) => {
    if (text === '') {
      if (may('null')) return { value: null }
      return may('string') ? { value: '' } : { problem: `is empty; it must be ${expected}` }
    }
    if (may('boolean') && /^(?:true|false)$/i.test(text)) return { value: text.toLowerCase() === 'true' }
    if (numeric && NUMBER.test(text)) {
      const problem = numberProblem(text)
      if (problem === null) return { value: Number(text) }
      // `numberProblem` gives its advice for JSON. In a file, the column has to change.
      if (!may('string'))
        return { problem: `${problem.replace(/: send it as a string$/, '')}; make the column a string` }
    }
    if (may('string')) return { value: text }
    return { problem: `must be ${expected}, not ${shortText(text)}` }
  }
}

/** The types that a column's schema names; without any, those of its constants; without these, a string. */
export function typesOf(schema: Json): string[] {
  if (!isObject(schema)) return ['string']
  if (typeof schema.type === 'string') return [schema.type]
  if (Array.isArray(schema.type)) return schema.type.map(String)
  const constants = 'const' in schema ? [schema.const as Json] : Array.isArray(schema.enum) ? schema.enum : null
  return constants ? [...new Set(constants.map(typeOf))] : ['string']
}

const typeOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value

const NAMES: Record<CellType, string> = {
  integer: 'a whole number such as 12',
  number: 'a number such as 12.5',
  boolean: 'true or false',
  string: 'text',
  null: 'empty',
}

const expectedOf = (types: ReadonlySet<string>): string =>
  CELL_TYPES.filter((type) => types.has(type))
    .map((type) => NAMES[type])
    .join(' or ')

const shortText = (text: string): string => JSON.stringify(text.length <= 60 ? text : `${cutText(text, 59)}…`)
