/**
 * How large a pattern becomes when it is compiled. It is worked out from the pattern's text, because compiling a large
 * pattern would hold up every other caller.
 */
export interface PatternSize {
  /**
   * What compiling costs, in parts of some 4 µs. A part is an instruction of the compiled program, or 20 ranges of
   * characters that the program holds, or 3 ranges that stand in the pattern. Where RE2 compiles the pattern, its
   * program has no more instructions than that.
   */
  parts: number
  /** How often its innermost piece is repeated by counts, such as 600 in `(?:a{20}){30}`. */
  repeats: number
}

/** How large the pattern becomes. The pattern need not be valid. */
export function sizeOfPattern(source: string): PatternSize {
  const open: Group[] = [newGroup()]
  let written = 0
  let inClass: number | null = null
  for (const [token] of source.matchAll(TOKEN)) {
    const group = open.at(-1)!
    if (inClass !== null) {
      if (token !== ']') inClass += rangesOf(token)
      else {
        written += inClass
        add(group, { instructions: 1, ranges: inClass, repeats: 1 })
        inClass = null
      }
    } else if (token.startsWith('[')) inClass = 0
    else if (token.startsWith('(')) open.push(newGroup())
    else if (token === ')') {
      if (open.length > 1) add(open.at(-2)!, closed(open.pop()!))
    } else if (token === '|') {
      add(group, { instructions: 1, ranges: 0, repeats: 1 })
    } else if (COUNT.test(token)) {
      group.last = repeated(group.last, token)
    } else {
      const ranges = rangesOf(token)
      written += ranges
      add(group, { instructions: 1, ranges, repeats: 1 })
    }
  }
  while (open.length > 1) add(open.at(-2)!, closed(open.pop()!))
  const { instructions, ranges, repeats } = closed(open[0]!)
  // Every program has two instructions more: one for a match and one for failing.
  const compiled = repeats > MOST_REPEATS ? 0 : instructions + 2 + ranges / 20
  return { parts: Math.ceil(compiled + written / 3), repeats }
}

/**
 * The most repeats of a pattern that RE2 takes, because it writes counts out. A pattern with more is left to the
 * runtime's own engine.
 */
export const MOST_REPEATS = 1_000

/** One token: an escape, the beginning of a class or of a group, a count, or any other character. */
const TOKEN =
  /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\[^]|\[\^?|\(\?<?[:=!]|\((?:\?<[^>]*>)?|\{\d+(?:,\d*)?\}\??|[*+?]\??|[^]/gu
const COUNT = /^(?:[*+?]|\{\d)/

interface Piece {
  instructions: number
  /** Ranges of characters that its instructions hold. */
  ranges: number
  repeats: number
}

/** A group that is being read. Its last piece is kept apart, because a count such as `{3}` may follow it. */
interface Group {
  before: Piece
  last: Piece
}

const nothing = (): Piece => ({ instructions: 0, ranges: 0, repeats: 1 })
const newGroup = (): Group => ({ before: nothing(), last: nothing() })

function add(group: Group, piece: Piece): void {
  group.before = sum(group.before, group.last)
  group.last = piece
}

/** The whole group as one piece. Two instructions note where it begins and ends. */
function closed({ before, last }: Group): Piece {
  const whole = sum(before, last)
  return { ...whole, instructions: whole.instructions + 2 }
}

const sum = (a: Piece, b: Piece): Piece => ({
  instructions: a.instructions + b.instructions,
  ranges: a.ranges + b.ranges,
  repeats: Math.max(a.repeats, b.repeats),
})

/**
 * Counts are written out when a pattern is compiled: `a{2,4}` becomes `aa(?:a(?:a)?)?`. A star takes two instructions,
 * because RE2 compiles `x*` as `(?:x+)?` where `x` may match an empty text.
 */
function repeated(piece: Piece, count: string): Piece {
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)/.exec(count) ?? []
  if (least === undefined) return { ...piece, instructions: piece.instructions + (count.startsWith('*') ? 2 : 1) }
  const times = Math.max(1, Number(least), Number(most))
  return {
    instructions: times * (piece.instructions + (comma ? 1 : 0)) + 1,
    ranges: times * piece.ranges,
    repeats: times * piece.repeats,
  }
}

/** How many ranges of characters one token of a pattern stands for, rounded up. */
function rangesOf(token: string): number {
  if (/^\\[pP]\{/.test(token)) return rangesOfProperty(token.slice(3, -1))
  if (/^\\[sS]$/.test(token)) return 12
  return /^(?:\\[wW]|\.)$/.test(token) ? 4 : 1
}

/** Ranges in each general category of Unicode 15, by its first letter, with some room for later versions. */
const RANGES: Record<string, number> = { L: 700, M: 400, N: 160, P: 220, S: 260, Z: 10 }
const MOST_RANGES = 800

function rangesOfProperty(name: string): number {
  if (/^(?:Script|sc)=/.test(name)) return 200
  const [, letter = ''] = /^(?:(?:General_Category|gc)=)?([LMNPSZ])[a-z]?$/.exec(name) ?? []
  return RANGES[letter] ?? MOST_RANGES
}
