import { RE2JS } from 're2js'
import type { Meter } from './meter'
import { WeighedCache } from './pattern-cache'
import { MOST_REPEATS, sizeOfPattern } from './pattern-size'

/** A regular expression of a schema, ready to be asked. */
export interface Pattern {
  test: (text: string) => boolean
  /**
   * True where the time for a text grows with its length and no faster. False for what only the runtime's own
   * engine can express (a look ahead or behind, a back reference): such a pattern can take for ever, so it may
   * run only where its thread can be ended.
   */
  linear: boolean
  /** How many steps of a meter a text of this length can take at worst. Of a pattern that is not linear nobody can say. */
  steps: (length: number) => number
}

/**
 * Bytes of all compiled patterns of a thread. A pattern is some 20 kB at first. Its engine remembers states while
 * it reads texts, up to 8 MiB for each pattern, so that not their number is bounded but what they take together.
 */
export const MOST_PATTERN_BYTES = 16 * 1024 * 1024
/** Schemas repeat their patterns, and each submission asks for them anew. Nothing else keeps a pattern. */
export const knownPatterns = new WeighedCache<Pattern>(MOST_PATTERN_BYTES)

/**
 * A pattern in the syntax of JSON Schema (ECMA-262 with the flag u), run by RE2's algorithm where that can express it.
 * One that is not known yet is compiled, and the meter counts that beforehand.
 *
 * @throws SyntaxError for what is no regular expression
 * @throws CheckTooLong where the meter allows no more patterns to be compiled
 */
export function compilePattern(source: string, meter: Meter): Pattern {
  const known = knownPatterns.get(source)
  if (known) return known
  const { parts, repeats } = sizeOfPattern(source)
  meter.takeCompiling(parts)
  const pattern = (repeats > MOST_REPEATS ? undefined : linearPattern(source)) ?? backtrackingPattern(source)
  knownPatterns.put(source, pattern, bytesOf(source, parts))
  return pattern
}

/** Measured: some 16 kB for any pattern, and up to 60 bytes for a part. A part counts as 100, to be on the safe side. */
const bytesOf = (source: string, parts: number): number => 16_000 + 2 * source.length + 100 * parts

function backtrackingPattern(source: string): Pattern {
  const expression = new RegExp(source, 'u')
  return { test: (text) => expression.test(text), linear: false, steps: (length) => 2 + length / 8 }
}

function linearPattern(source: string): Pattern | undefined {
  // Throws where the runtime's own engine refuses the pattern. RE2 also takes things that a browser would refuse.
  new RegExp(source, 'u')
  const translated = toRe2(source)
  if (translated === undefined) return undefined
  try {
    const expression = RE2JS.compile(RE2JS.translateRegExp(translated))
    const before = bytesOf(source, sizeOfPattern(source).parts)
    const pattern: Pattern = {
      test(text) {
        const found = expression.test(text)
        const { lazyDFA } = expression.re2Input
        // Null until a text is read for which the engine remembers states.
        if (lazyDFA as typeof lazyDFA | null)
          knownPatterns.reweigh(source, pattern, before + lazyDFA.stateBudget - lazyDFA.memBudget)
        return found
      },
      linear: true,
      steps: stepsOf(expression),
    }
    return pattern
  } catch {
    return undefined
  }
}

/**
 * Most patterns are in one instruction at a time, wherever they are in a text ("one pass"). The others are in several
 * at once, at worst in all of them at each character. `prefixComplete` says that the whole pattern is a plain text.
 * Measured: up to 0.1 µs for an instruction and a character.
 */
function stepsOf(expression: RE2JS): Pattern['steps'] {
  const { onepass, prefixComplete } = expression.re2Input
  const perCharacter = 1 / 8 + (onepass || prefixComplete ? 0 : expression.programSize() / 4)
  return (length) => 2 + length * perCharacter
}

/** White space of ECMA-262; RE2 means ASCII's by `\s`. */
const SPACE =
  '\\t\\n\\x0B\\f\\r \\x{00A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}'
const NOT_A_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]'

const TOKEN = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\[pP]\{[^}]*\}|\\k<|\\[\s\S]|[\s\S]/gu

/** The length of two escapes such as \uD83D\uDE00, which TOKEN takes as one. No other token is as long, but `\p{…}`. */
const SURROGATE_ESCAPES = 12

/** The pattern written so that RE2 reads it as ECMA-262 does. Undefined where RE2 cannot express it. */
function toRe2(source: string): string | undefined {
  let inClass = false
  let result = ''
  for (const [token] of source.matchAll(TOKEN)) {
    if (token === '[' && !inClass) inClass = true
    else if (token === ']') inClass = false
    if (/^\\(?:[1-9]|k<)/.test(token)) return undefined
    // RE2 has no way to put "all but white space" into a class.
    if (token === '\\S' && inClass) return undefined
    if (token === '\\s') result += inClass ? SPACE : `[${SPACE}]`
    else if (token === '\\S') result += `[^${SPACE}]`
    else if (token === '.' && !inClass) result += NOT_A_LINE_END
    else if (/^\\[pP]\{/.test(token)) {
      const property = re2Property(token.slice(3, -1))
      if (property === undefined) return undefined
      result += `${token.slice(0, 2)}{${property}}`
    } else if (token.length === SURROGATE_ESCAPES) result += `\\x{${surrogatePair(token).toString(16)}}`
    else result += token
  }
  return result
}

function surrogatePair(token: string): number {
  const [high, low] = [parseInt(token.slice(2, 6), 16), parseInt(token.slice(8), 16)]
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
}

/** Long names of general categories; RE2 knows the short ones, and scripts by their names. */
const CATEGORIES: Record<string, string> = {
  Letter: 'L',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Titlecase_Letter: 'Lt',
  Modifier_Letter: 'Lm',
  Other_Letter: 'Lo',
  Mark: 'M',
  Combining_Mark: 'M',
  Nonspacing_Mark: 'Mn',
  Spacing_Mark: 'Mc',
  Enclosing_Mark: 'Me',
  Number: 'N',
  Decimal_Number: 'Nd',
  digit: 'Nd',
  Letter_Number: 'Nl',
  Other_Number: 'No',
  Punctuation: 'P',
  punct: 'P',
  Connector_Punctuation: 'Pc',
  Dash_Punctuation: 'Pd',
  Open_Punctuation: 'Ps',
  Close_Punctuation: 'Pe',
  Initial_Punctuation: 'Pi',
  Final_Punctuation: 'Pf',
  Other_Punctuation: 'Po',
  Symbol: 'S',
  Math_Symbol: 'Sm',
  Currency_Symbol: 'Sc',
  Modifier_Symbol: 'Sk',
  Other_Symbol: 'So',
  Separator: 'Z',
  Space_Separator: 'Zs',
  Line_Separator: 'Zl',
  Paragraph_Separator: 'Zp',
  Control: 'Cc',
  cntrl: 'Cc',
  Format: 'Cf',
  Private_Use: 'Co',
}

/** Undefined for what RE2 has no tables of (`Alphabetic`, `Emoji`, script extensions, …). */
function re2Property(name: string): string | undefined {
  const [key, value] = name.includes('=') ? (name.split('=') as [string, string]) : [undefined, name]
  if (key === 'Script' || key === 'sc') return value
  if (key !== undefined && key !== 'General_Category' && key !== 'gc') return undefined
  const category = CATEGORIES[value] ?? value
  return /^[A-Z][a-z]?$/.test(category) ? category : undefined
}
