import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema'
import { jsonPath } from './canonical-json'
import type { FieldProblem } from './errors'
import { describeUnit, MAX_PROBLEMS, type Problem } from './parameter-messages'
import { atLocation, isObject, mapSchemas, pointerKeys, subschemas, type SchemaNode } from './schema-walk'
import { checkUnique, LONG_ARRAY, longArray, usesUniqueItems } from './unique-items'
import type { Json } from './types'

/**
 * Whether parameters fit their job type's JSON Schema (draft 2020-12, formats included): what is
 * wrong, field by field, and what would be right; empty when they fit. Interprets the schema, so that
 * it also runs under a Content-Security-Policy without `unsafe-eval`. The schema must have passed
 * `checkParameterSchema`; its compiled form is kept, by the object and by its text.
 */
export function checkParameters(schema: Json, parameters: Json, root = 'parameters'): FieldProblem[] {
  if (schema === true) return []
  if (!isObject(schema))
    return [{ path: root, message: 'cannot be checked: the job type has no valid parameter schema' }]
  const problems = problemsOf(schema, parameters)
  return problems.map(({ keys, message }) => ({ path: jsonPath(root, keys), message }))
}

interface Compiled {
  /** Without `false` schemas: the validator loses their location, and `{not: {}}` says the same. */
  schema: SchemaNode
  /** Stops at the first fault: the answer for nearly every submission, and the fast one. */
  verdict: Validator
  /** Collects all faults. */
  report: Validator
  /** For arrays so long that comparing each item with each other one would take seconds. */
  withoutUnique?: { schema: SchemaNode; verdict: Validator; report: Validator }
}

const cache = new WeakMap<object, Compiled>()
/** A schema read anew from the database is another object with the same text; compiling takes a hundred times longer. */
const byText = new Map<string, Compiled>()
const MAX_KEPT = 500

function compiled(schema: SchemaNode & object): Compiled {
  const known = cache.get(schema)
  if (known) return known
  const text = JSON.stringify(schema)
  const made = byText.get(text) ?? compile(schema)
  // Written last again, so that the least used goes first.
  byText.delete(text)
  byText.set(text, made)
  if (byText.size > MAX_KEPT) byText.delete(byText.keys().next().value!)
  cache.set(schema, made)
  return made
}

function compile(schema: SchemaNode & object): Compiled {
  const clean = mapSchemas(schema, (sub) => (sub === false ? { not: {} } : sub))
  const made: Compiled = { schema: clean, ...validators(clean) }
  if (usesUniqueItems(clean)) {
    const relaxed = mapSchemas(clean, (sub) =>
      isObject(sub) && sub.uniqueItems === true ? { ...sub, uniqueItems: false } : sub,
    )
    made.withoutUnique = { schema: relaxed, ...validators(relaxed) }
  }
  return made
}

/** The validator writes on its schema, hence a copy for each. */
function validators(schema: SchemaNode): { verdict: Validator; report: Validator } {
  return {
    verdict: new Validator(metered(structuredClone(schema)) as Schema, '2020-12', true),
    report: new Validator(metered(structuredClone(schema)) as Schema, '2020-12', false),
  }
}

/**
 * A recursive schema with alternatives costs 2^depth on parameters made for it, and the validator
 * cannot be stopped from outside. It reads `$recursiveRef`, a keyword of an older draft, each time that
 * it holds a value against a schema: there we count, and throw when it has gone on for too long.
 */
const MAX_CHECKS = 1_000_000
let checksLeft = MAX_CHECKS

function metered(schema: SchemaNode): SchemaNode {
  if (!isObject(schema)) return schema
  Object.defineProperty(schema, '$recursiveRef', {
    get() {
      if (--checksLeft < 0) throw new Error('too many checks')
      return undefined
    },
  })
  for (const sub of subschemas(schema)) metered(sub.schema)
  return schema
}

function problemsOf(source: SchemaNode & object, parameters: Json): Problem[] {
  try {
    const made = compiled(source)
    const long = made.withoutUnique && longArray(parameters)
    if (!made.withoutUnique || !long) return validate(made.schema, made.verdict, made.report, parameters)
    const { schema, verdict, report } = made.withoutUnique
    const { problems, complete } = checkUnique(made.schema, parameters)
    if (!complete) {
      const message = `must hold at most ${LONG_ARRAY} items here, because the schema asks for unique ones inside of alternatives`
      return [{ keys: long, message, weight: 0 }]
    }
    return tidy([...problems, ...validate(schema, verdict, report, parameters)])
  } catch {
    // The validator recurses and throws on what it cannot follow; a submission must get an answer.
    return [
      {
        keys: [],
        message: 'cannot be checked against the schema of the job type: they are too large or nested too deep for it',
        weight: 0,
      },
    ]
  }
}

function validate(schema: SchemaNode, verdict: Validator, report: Validator, parameters: Json): Problem[] {
  checksLeft = MAX_CHECKS
  const first = verdict.validate(parameters)
  if (first.valid) return []
  let units = first.errors
  try {
    checksLeft = MAX_CHECKS
    units = report.validate(parameters).errors
  } catch {
    // A hundred thousand wrong items: the first fault must do.
  }
  const problems = leaves(schema, parameters, units)
  return tidy(
    problems.length > 0 ? problems : [{ keys: [], message: 'must fit the schema of the job type', weight: 0 }],
  )
}

/** Those that only say "something inside is wrong"; what is inside follows them. */
const PARENTS = new Set([
  ...[
    '$ref',
    'properties',
    'patternProperties',
    'additionalProperties',
    'unevaluatedProperties',
    'items',
    'prefixItems',
  ],
  ...['unevaluatedItems', 'allOf', 'if', 'dependentSchemas'],
])

/** The units that name a fault, with what stands under a union or a `contains` summed up in one. */
function leaves(schema: SchemaNode, parameters: Json, units: readonly OutputUnit[]): Problem[] {
  const problems: Problem[] = []
  for (let i = 0; i < units.length && problems.length < 1_000; i++) {
    const unit = units[i]!
    if (PARENTS.has(unit.keyword)) continue
    const inside = unitsInside(units, i)
    // minContains follows its items' faults instead of leading them.
    if (isItemOfContains(units, i)) continue
    i += inside.length
    const branch = unit.keyword === 'anyOf' || unit.keyword === 'oneOf' ? intendedBranch(unit, inside) : undefined
    if (branch) problems.push(...leaves(schema, parameters, branch))
    else problems.push(describe(schema, parameters, unit))
  }
  return problems
}

const SUMMED_UP = new Set(['anyOf', 'oneOf', 'contains', 'propertyNames'])

function unitsInside(units: readonly OutputUnit[], at: number): OutputUnit[] {
  const { keyword, keywordLocation, instanceLocation } = units[at]!
  if (!SUMMED_UP.has(keyword)) return []
  let end = at + 1
  while (
    units[end]?.keywordLocation.startsWith(`${keywordLocation}/`) &&
    `${units[end]!.instanceLocation}/`.startsWith(`${instanceLocation}/`)
  ) {
    end++
  }
  return units.slice(at + 1, end)
}

function isItemOfContains(units: readonly OutputUnit[], at: number): boolean {
  const { keywordLocation } = units[at]!
  if (!keywordLocation.includes('/contains/')) return false
  return units.some(
    (other, i) =>
      i > at &&
      other.keyword === 'minContains' &&
      keywordLocation.startsWith(other.keywordLocation.replace(/minContains$/, 'contains/')),
  )
}

/**
 * Which form of a union was meant: the only one whose type and constants the value has. Undefined when
 * that is not clear; then the union is reported as a whole.
 */
function intendedBranch(union: OutputUnit, inside: readonly OutputUnit[]): OutputUnit[] | undefined {
  if (/\([2-9]\d* matches|\(1\d+ matches/.test(union.error)) return undefined
  const branches = new Map<string, OutputUnit[]>()
  for (const unit of inside) {
    const index = unit.keywordLocation.slice(union.keywordLocation.length + 1).split('/')[0]!
    branches.set(index, [...(branches.get(index) ?? []), unit])
  }
  const depth = union.instanceLocation.split('/').length
  const meant = [...branches.values()].filter(
    (units) =>
      !units.some(
        ({ keyword, instanceLocation }) =>
          (keyword === 'type' && instanceLocation === union.instanceLocation) ||
          ((keyword === 'const' || keyword === 'enum') && instanceLocation.split('/').length <= depth + 1),
      ),
  )
  return meant.length === 1 ? meant[0] : undefined
}

function describe(schema: SchemaNode, parameters: Json, unit: OutputUnit): Problem {
  const keys: (string | number)[] = []
  let value: Json | undefined = parameters
  for (const key of pointerKeys(unit.instanceLocation)) {
    keys.push(Array.isArray(value) ? Number(key) : key)
    value = Array.isArray(value)
      ? value[Number(key)]
      : isObject(value) && Object.hasOwn(value, key)
        ? value[key]
        : undefined
  }
  const owner = atLocation(schema, unit.keywordLocation.replace(/\/[^/]*$/, ''))
  const holder = atLocation(schema, unit.keywordLocation.replace(/(?:\/[^/]*){2}$/, ''))
  return describeUnit({
    unit,
    keys,
    value,
    schema: isObject(owner) ? owner : {},
    holder: isObject(holder) ? holder : {},
  })
}

/** Sorted by place, each fault once, only the most telling ones of a field, at most 20. */
function tidy(problems: readonly Problem[]): Problem[] {
  const byPath = new Map<string, Problem[]>()
  for (const problem of problems) {
    const path = JSON.stringify(problem.keys)
    const here = byPath.get(path) ?? []
    if (!here.some(({ message }) => message === problem.message)) here.push(problem)
    byPath.set(path, here)
  }
  const kept = [...byPath.values()].flatMap((here) => {
    // Of the wrong type, a value is also too short, too small, …: that says nothing more.
    const weight = Math.max(...here.map((problem) => problem.weight))
    return here.filter((problem) => problem.weight === weight)
  })
  return kept.sort((a, b) => compareKeys(a.keys, b.keys) || (a.message < b.message ? -1 : 1)).slice(0, MAX_PROBLEMS)
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!]
    if (left === right) continue
    if (typeof left === 'number' && typeof right === 'number') return left - right
    return String(left) < String(right) ? -1 : 1
  }
  return a.length - b.length
}

export { checkParameterSchema } from './parameter-schema'
