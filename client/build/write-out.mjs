import ts from 'typescript'

/**
 * Writes out the types of `api.ts` in full, down to strings and numbers, so that they need neither the server nor its
 * libraries. Each exported type keeps its name, even where it is part of another type.
 *
 * @param {ts.Program} program
 * @param {string} file `api.ts`
 * @returns {{ api: string, router: string }} the text of `api.d.ts`, and the text of `router.d.ts`, with the same
 * procedures in the form that tRPC's own client needs
 */
export function writeOut(program, file) {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const exporting = source && checker.getSymbolAtLocation(source)
  if (!exporting) throw new Error(`${file} is not part of the program`)
  const print = printer(checker)
  /** @type {string[]} */
  const declarations = []
  /** @type {ts.Type | undefined} */
  let api
  for (const symbol of checker.getExportsOfModule(exporting)) {
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    if (symbol.name === 'Api') {
      api = type
      continue
    }
    const text = print.declare(symbol.name, type)
    declarations.push(`${comment(checker, symbol, '')}export type ${symbol.name} = ${text}\n`)
  }
  if (!api) throw new Error(`${file} exports no Api`)
  const nouns = checker.getPropertiesOfType(api).map((noun) => ({
    name: noun.name,
    verbs: checker.getPropertiesOfType(checker.getTypeOfSymbol(noun)).map((verb) => {
      const described = checker.getTypeOfSymbol(verb)
      const part = (/** @type {string} */ name) => {
        const property = checker.getPropertyOfType(described, name)
        if (!property) throw new Error(`${noun.name}.${verb.name} has no ${name}`)
        return checker.getTypeOfSymbol(property)
      }
      const where = `${noun.name}.${verb.name}`
      return {
        name: verb.name,
        // Without its quotes.
        kind: print.text(part('kind'), where, 2).slice(1, -1),
        input: print.text(part('input'), where, 2),
        output: print.text(part('output'), where, 2),
      }
    }),
  }))
  const lines = nouns.flatMap(({ name, verbs }) => [
    `  ${name}: {`,
    ...verbs.map(
      ({ name: verb, kind, input, output }) => `    ${verb}: { kind: '${kind}'; input: ${input}; output: ${output} }`,
    ),
    '  }',
  ])
  declarations.push(`/** Every procedure of the API. */\nexport interface Api {\n${lines.join('\n')}\n}\n`)
  return { api: declarations.join('\n'), router: routerOf(nouns) }
}

/** @param {{ name: string, verbs: { name: string, kind: string }[] }[]} nouns */
function routerOf(nouns) {
  const procedures = {
    query: 'TRPCQueryProcedure',
    mutation: 'TRPCMutationProcedure',
    subscription: 'TRPCSubscriptionProcedure',
  }
  const lines = nouns.flatMap(({ name: noun, verbs }) => [
    `  ${noun}: {`,
    ...verbs.map(({ name, kind }) => {
      const described = `Api['${noun}']['${name}']`
      const output =
        kind === 'subscription'
          ? `AsyncIterable<{ id: string; data: ${described}['output'] }>`
          : `${described}['output']`
      return `    ${name}: ${procedures[/** @type {keyof typeof procedures} */ (kind)]}<{ input: ${described}['input']; output: ${output}; errorShape: ErrorShape; meta: unknown }>`
    }),
    '  }',
  ])
  return `import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server'
import type { Api, Refusal } from './api.js'

interface ErrorShape {
  message: string
  code: number
  data: { code: string; httpStatus: number; reason: Refusal; [name: string]: unknown }
}

/** The router's type, for whoever calls with a tRPC client of their own: \`createTRPCClient<AppRouter>\`. */
export type AppRouter = TRPCBuiltRouter<{ ctx: object; meta: object; errorShape: ErrorShape; transformer: false }, {
${lines.join('\n')}
}>
`
}

/** @param {ts.TypeChecker} checker */
function printer(checker) {
  /**
   * The names of the types that were declared, by their text. Line breaks and indentation count as one space there,
   * because a type inside another is indented more.
   * @type {Map<string, string>}
   */
  const names = new Map()
  /** The types that are being written, from the outside in. @type {ts.Type[]} */
  const open = []

  /** @param {string} name @param {ts.Type} type */
  function declare(name, type) {
    const written = text(type, name, 0, name)
    // A short type, such as a string or a number, says more than its name. So it is written out.
    if (written.length > 12) names.set(written.replaceAll(/\s+/g, ' '), name)
    return written
  }

  /**
   * @param {ts.Type} type
   * @param {string} where names the place in errors, for the person who must repair a type that cannot be written
   * @param {number} depth of indentation
   * @param {string} [own] the name that is being declared
   * @returns {string}
   */
  function text(type, where, depth, own) {
    // Any JSON contains itself, so only its name can be written.
    if (!own && (type.aliasSymbol?.name === 'JSONType' || type.aliasSymbol?.name === 'Json')) return 'Json'
    if (open.includes(type)) {
      if (type.aliasSymbol) return type.aliasSymbol.name
      throw new Error(`${where}: a type that contains itself needs a name in client/api.ts`)
    }
    open.push(type)
    const written = structure(type, where, depth)
    open.pop()
    return (!own && names.get(written.replaceAll(/\s+/g, ' '))) || written
  }

  /** @param {ts.Type} type @param {string} where @param {number} depth @returns {string} */
  function structure(type, where, depth) {
    const { flags } = type
    if (flags & ts.TypeFlags.Unknown) return 'unknown'
    if (flags & ts.TypeFlags.StringLiteral) return `'${/** @type {ts.StringLiteralType} */ (type).value}'`
    if (
      flags &
      (ts.TypeFlags.String |
        ts.TypeFlags.Number |
        ts.TypeFlags.BooleanLike |
        ts.TypeFlags.NumberLiteral |
        ts.TypeFlags.Null |
        ts.TypeFlags.Undefined |
        ts.TypeFlags.Void)
    ) {
      return checker.typeToString(type)
    }
    if (type.isUnion()) return union(type.types, where, depth)
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type))
      const inner = text(/** @type {ts.Type} */ (element), `${where}[]`, depth)
      return element?.isUnion() && !/^\w+$/.test(inner) ? `(${inner})[]` : `${inner}[]`
    }
    const plain = flags & ts.TypeFlags.Object || type.isIntersection()
    if (plain && type.getCallSignatures().length === 0 && !checker.isTupleType(type) && type.symbol?.name !== 'Date')
      return object(type, where, depth)
    throw new Error(`${where}: ${checker.typeToString(type)} cannot be written out`)
  }

  /** @param {ts.Type[]} types @param {string} where @param {number} depth */
  function union(types, where, depth) {
    const isBoolean = types.filter((type) => type.flags & ts.TypeFlags.BooleanLiteral).length === 2
    const parts = types
      .filter((type) => !(isBoolean && type.flags & ts.TypeFlags.BooleanLiteral))
      .map((type) => text(type, where, depth))
    const literals = new Set(parts)
    // A named union may be part of this one, as the statuses are in "a status or null". Its members are replaced by its
    // name.
    for (const [written, name] of names) {
      const members = written.split(' | ')
      if (members.length > 1 && members.every((member) => literals.has(member))) {
        for (const member of members) literals.delete(member)
        literals.add(name)
      }
    }
    if (isBoolean) literals.add('boolean')
    const last = ['null', 'undefined'].filter((word) => literals.delete(word))
    return [...literals, ...last].join(' | ')
  }

  /** @param {ts.Type} type @param {string} where @param {number} depth */
  function object(type, where, depth) {
    const indent = '  '.repeat(depth + 1)
    const lines = checker
      .getIndexInfosOfType(type)
      .map(
        ({ keyType, type: value }) =>
          `${indent}[name: ${checker.typeToString(keyType)}]: ${text(value, where, depth + 1)}`,
      )
    for (const property of checker.getPropertiesOfType(type)) {
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0
      const declared = checker.getTypeOfSymbol(property)
      const path = `${where}.${property.name}`
      // The question mark already says "or undefined".
      const inner =
        optional && declared.isUnion()
          ? union(
              declared.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined)),
              path,
              depth + 1,
            )
          : text(declared, path, depth + 1)
      lines.push(`${comment(checker, property, indent)}${indent}${property.name}${optional ? '?' : ''}: ${inner}`)
    }
    return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`
  }

  return { declare, text }
}

/** The comment of a declaration. @param {ts.TypeChecker} checker @param {ts.Symbol} symbol @param {string} indent */
function comment(checker, symbol, indent) {
  const words = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  if (!words) return ''
  const lines = words.split('\n')
  return lines.length === 1
    ? `${indent}/** ${lines[0]} */\n`
    : `${indent}/**\n${lines.map((line) => `${indent} * ${line}`).join('\n')}\n${indent} */\n`
}
