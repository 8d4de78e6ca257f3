import { visible } from '@/server/engine/domain/visible'
import type { Json } from './json'

// The form of a value, as schema-form.ts makes it from a JSON Schema and as the fields draw it.

export interface FormMeta {
  title: string | null
  description: string | null
  placeholder: string | null
  /** What a new form begins with: the schema's default, or its constant. Undefined where it has neither. */
  initial: Json | undefined
  /**
   * The server masks the value, or a part of it for which the form has no field of its own. A text field then hides
   * what is typed. "Run again" does not show the value of the earlier job but offers to keep it (kept-field.tsx).
   */
  sensitive: boolean
}
export type TextFormat = 'text' | 'multiline' | 'date' | 'date-time' | 'time' | 'email' | 'uri'

interface ObjectNode {
  kind: 'object'
  fields: FormField[]
  /**
   * Asks for fields whose names the schema does not list. Null where the schema allows none of those, or has no single
   * form for them.
   */
  rest: FormNode | null
  /** It draws no frame, because it stands inside the frame of its union. branches-field.tsx sets it. */
  bare?: true
}
interface TupleNode {
  kind: 'tuple'
  items: FormNode[]
  /** Asks for items after the named ones. */
  rest: FormNode | null
  /** Infinity where the schema has no limit. */
  maxItems: number
}

/** One of several forms. */
interface BranchesNode {
  kind: 'branches'
  options: Branch[]
  /** How many unions stand around it that have the same value and path. branches-field.tsx sets it. */
  depth?: number
}

/** The form of one value. */
export type FormNode = FormMeta &
  (
    | ObjectNode
    | TupleNode
    /** A list of any length between the two. `maxItems` is Infinity where the schema has no limit. */
    | { kind: 'array'; item: FormNode; minItems: number; maxItems: number }
    | BranchesNode
    /** Some of a few values, as tick boxes. */
    | { kind: 'choices'; options: Json[] }
    /** One of a few values. */
    | { kind: 'enum'; options: Json[] }
    /** The id of an uploaded file. */
    | { kind: 'upload' }
    /** The name of the uploaded file beside it. It has no field of its own. */
    | { kind: 'file-name' }
    /** What the cells of each column of an uploaded file are. */
    | { kind: 'columns' }
    | { kind: 'text'; format: TextFormat; maxLength: number | null }
    | { kind: 'number'; integer: boolean; min: number | null; max: number | null }
    | { kind: 'boolean' }
    /** What has no better control, as text. */
    | { kind: 'json' }
  )
export interface FormField {
  name: string
  required: boolean
  node: FormNode
}
/** One way to fill in a `oneOf` or `anyOf`. */
export interface Branch {
  label: string
  node: FormNode
}

/** The only value that a field can have, where the schema leaves no choice. */
export const onlyValueOf = ({ node, required }: FormField): Json | undefined =>
  required && node.kind === 'enum' && node.options.length === 1 ? node.options[0] : undefined

/** The label of a field. Where the schema gives no title it is made from the name: "invoiceId" becomes "Invoice id". */
export function labelOf(name: string, node: FormNode): string {
  if (node.title) return node.title
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words ? words[0]!.toUpperCase() + words.slice(1) : name
}

/** The label of one of the values to choose from. */
export const choiceLabel = (option: Json): string =>
  visible(typeof option === 'string' ? option : JSON.stringify(option))
