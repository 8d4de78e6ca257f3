import { jsonPath } from '@/server/engine/domain/canonical-json'
import { numberProblem } from '@/server/engine/domain/exact-numbers'
import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import { z } from 'zod'
import { Cause, refused, unreadable, type Fault } from './faults'
import { FREE, type Shape } from './shape'

/** How many parents the jobs of one call may name together. */
export const MAX_DEPENDENCIES = 100_000
/**
 * How many values one call may hold, however small they are. A call with more is no submission, and would take long at
 * every later step.
 */
export const MAX_VALUES = 1_000_000
/** Bytes. From here on a call is large, and a part that is too large itself is refused while it arrives. */
export const LARGE = 1024 * 1024
const MAX_DEPTH = 100
const MAX_FAULTS = 20
/** Bytes. A free JSON value of at least this size is parsed by itself, apart from the text around it. */
const LEAST_CUT = 512
/** Characters. No field has a longer name, and in a path the beginning is enough. */
const LONGEST_NAME = 1_000

/** A value that is parsed by itself. In a wrong place it is not parsed at all. */
export interface Cut {
  from: number
  to: number
  keys: readonly (string | number)[]
  /** The text that stands for it in the text around it. */
  instead: '0' | '[]' | '{}'
  wanted: boolean
}

/** An array or object that the current place lies in. */
interface Level {
  shape: Shape
  list: boolean
  /** The index of the item that is being read. */
  index: number
  /** Where the name of the member begins that is being read. */
  nameFrom: number
  nameTo: number
  /** The names of this object so far. Null in free JSON, where nothing depends on them. */
  seen: string[] | null
  /** Levels from the root of the input, or from the root of the payload that contains this. */
  depth: number
  /** Where a value begins that is parsed by itself. */
  cutFrom: number
  /** How many bytes did not count when this payload began. -1 where this is not a payload. */
  skippedBefore: number
}

const enum At {
  value,
  firstItem,
  firstName,
  name,
  colon,
  after,
  string,
  scalar,
  end,
}

/**
 * Reads the text of an input as it arrives, in one pass over its bytes. It stops at twenty faults, or where something
 * is too much.
 *
 * It finds what no JSON text may hold here: NUL bytes, halves of surrogate pairs, numbers that cannot be kept, and
 * nesting deeper than 100. It counts what makes later steps slow: members and items, unknown fields, lengths of lists,
 * dependencies, and sizes of parameters.
 *
 * It parses nothing, and needs no more memory for a larger text. It checks the structure. What a string or a number may
 * consist of is left to JSON.parse.
 */
export class InputScanner {
  /** Faults that JSON or the input may not have. They are refused in any case. */
  readonly faults: Fault[] = []
  /** Faults that the schema will refuse as well, all together and in its own words. Here they are only counted. */
  private readonly misfits: Fault[] = []
  readonly cuts: Cut[] = []

  private bytes!: Uint8Array
  private pos = 0
  private at = At.value
  private readonly levels: Level[] = []
  private depth = 0
  private values = 0
  private dependencies = 0
  /** Bytes that the stored text does not have: blanks, most of each escape, and most of a long number. */
  private skipped = 0
  private tokenFrom = 0
  /** How many bytes did not count when this string began. */
  private skippedBefore = 0
  private isName = false
  private stringProblem: string | null = null
  private readonly root: Shape

  /**
   * @param shapes the inputs of the calls that the text is for. Null in `batch` means one call, whose input is the
   * whole text.
   */
  constructor(
    shapes: readonly Shape[],
    private readonly batch: boolean,
  ) {
    this.root = batch
      ? {
          kind: 'object',
          members: new Map(shapes.map((shape, n) => [String(n), shape])),
          strict: false,
          schema: z.unknown(),
        }
      : (shapes[0] ?? FREE)
  }

  /** Reads on to `end`. @throws EngineError where reading stops */
  write(bytes: Uint8Array, end: number): void {
    this.bytes = bytes
    if (this.pos === 0 && end > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3
    while (this.pos < end) {
      const before = this.pos
      if (this.at === At.string) this.readString(end)
      else if (this.at === At.scalar) this.readScalar(end)
      else this.readStructure(end)
      // The rest of an escape has not arrived yet.
      if (this.pos === before && this.at === At.string) break
    }
    // A long number that has not ended yet may be stored as a single digit.
    if (end > LARGE) this.checkPayload(this.at === At.scalar ? this.tokenFrom : this.pos)
  }

  /** Called when the text has ended. @throws EngineError where it is not complete, or holds what it may not */
  finish(bytes: Uint8Array, end: number): void {
    this.write(bytes, end)
    if (this.at === At.scalar) this.endScalar()
    if (this.at !== At.end || this.pos < end) throw unreadable()
    if (this.faults.length > 0 && !this.batch) throw refused(this.faults)
  }

  private readStructure(end: number): void {
    const { bytes } = this
    while (this.pos < end) {
      const byte = bytes[this.pos]!
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        this.pos++
        this.skipped++
        continue
      }
      if (this.at === At.after) this.separate(byte)
      else if (this.at === At.colon) {
        if (byte !== 0x3a) throw unreadable()
        this.pos++
        this.at = At.value
      } else if ((this.at === At.firstItem && byte === 0x5d) || (this.at === At.firstName && byte === 0x7d)) {
        this.pos++
        this.leave()
      } else if (this.at === At.value || this.at === At.firstItem) {
        // A string or a number goes on byte by byte.
        if (this.beginValue(byte)) return
      } else if (byte === 0x22 && this.at !== At.end) return this.beginString(true)
      else throw unreadable()
    }
  }

  private separate(byte: number): void {
    const level = this.levels[this.depth - 1]!
    this.pos++
    if (byte === 0x2c) {
      if (level.list) level.index++
      this.at = level.list ? At.value : At.name
    } else if (byte === (level.list ? 0x5d : 0x7d)) this.leave()
    else throw unreadable()
  }

  /** Begins a value. True where it is a string, number or word that is read on. */
  private beginValue(byte: number): boolean {
    if (++this.values > MAX_VALUES)
      this.stop(
        new Cause('TOO_LARGE', `holds more than ${MAX_VALUES.toLocaleString('en')} values: send it in several calls`),
        [],
      )
    const parent = this.depth > 0 ? this.levels[this.depth - 1]! : null
    if (parent?.list) this.countItem(parent)
    if (byte === 0x5b || byte === 0x7b) {
      this.enter(byte === 0x5b)
      return false
    }
    if (byte === 0x22) this.beginString(false)
    // A minus, a digit, or the first letter of true, false or null.
    else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || byte === 0x74 || byte === 0x66 || byte === 0x6e) {
      this.tokenFrom = this.pos++
      this.at = At.scalar
    } else throw unreadable()
    return true
  }

  private countItem({ shape, index }: Level): void {
    if (shape.kind !== 'list') return
    if (index >= shape.max)
      this.stop(
        new Cause('INVALID_INPUT', `must have at most ${shape.max.toLocaleString('en')} items`),
        this.keys(this.depth - 1),
      )
    if (shape.dependencies && ++this.dependencies > MAX_DEPENDENCIES) {
      this.stop(
        new Cause(
          'INVALID_INPUT',
          `is too much: the jobs of one call may name at most ${MAX_DEPENDENCIES.toLocaleString('en')} parents together`,
        ),
        this.keys(),
      )
    }
  }

  /** The shape that the value which begins now should have. Undefined for an unknown member. */
  private wanted(): Shape | undefined {
    if (this.depth === 0) return this.root
    const { shape, list, nameFrom, nameTo } = this.levels[this.depth - 1]!
    if (list) return shape.kind === 'list' ? shape.items : FREE
    return shape.kind === 'object' ? shape.members.get(this.text(nameFrom, nameTo)) : FREE
  }

  private enter(list: boolean): void {
    const parent = this.depth > 0 ? this.levels[this.depth - 1]! : null
    const wanted = parent !== null && parent.seen === null ? FREE : this.wanted()
    const fits = wanted !== undefined && (wanted.kind === 'free' || wanted.kind === (list ? 'list' : 'object'))
    const shape = fits ? wanted : FREE
    const payload = shape.kind === 'free' && shape.payload
    const depth = payload ? 0 : parent === null ? (this.batch ? -1 : 0) : parent.depth + 1
    if (depth >= MAX_DEPTH)
      this.stop(new Cause('INVALID_INPUT', `must not be nested deeper than ${MAX_DEPTH}`), this.keys())
    if (wanted && !fits) this.misfit(wanted.schema, list ? [] : {})
    const level = (this.levels[this.depth] ??= {} as Level)
    level.shape = shape
    level.list = list
    level.index = 0
    level.nameFrom = level.nameTo = -1
    level.seen = shape.kind === 'free' ? null : []
    level.depth = depth
    level.cutFrom = shape.kind === 'free' && (parent === null || parent.seen !== null) ? this.pos : -1
    level.skippedBefore = payload ? this.skipped : -1
    this.depth++
    this.pos++
    this.at = list ? At.firstItem : At.firstName
  }

  private leave(): void {
    const level = this.levels[this.depth - 1]!
    if (this.pos > LARGE) this.checkPayload(this.pos)
    this.depth--
    if (level.cutFrom >= 0) this.cut(level.cutFrom, level.list ? '[]' : '{}')
    this.at = this.depth === 0 ? At.end : At.after
  }

  private beginString(isName: boolean): void {
    this.tokenFrom = this.pos++
    this.isName = isName
    this.skippedBefore = this.skipped
    this.stringProblem = null
    this.at = At.string
  }

  private readString(end: number): void {
    const { bytes } = this
    let pos = this.pos
    while (pos < end) {
      const byte = bytes[pos]!
      if (byte === 0x22) {
        this.pos = pos + 1
        return this.endString()
      }
      if (byte === 0x5c) {
        const length = this.escape(pos, end)
        if (length === 0) break
        pos += length
        this.skipped += length - 1
      } else if (byte < 0x20) throw unreadable()
      else pos++
    }
    this.pos = pos
  }

  /** The length of the escape at `pos`. 0 while it has not arrived. */
  private escape(pos: number, end: number): number {
    if (pos + 1 >= end) return 0
    if (this.bytes[pos + 1] !== 0x75) return 2
    if (pos + 6 >= end) return 0
    const unit = this.unit(pos)
    if (unit === 0) this.stringProblem = 'must not hold a NUL byte'
    if (unit < 0xd800 || unit > 0xdfff) return 6
    if (unit < 0xdc00) {
      // The second half of a surrogate pair, or what shows that there is none, has not arrived yet.
      if (this.bytes[pos + 6] === 0x5c && pos + 11 >= end) return 0
      if (this.bytes[pos + 6] === 0x5c && this.bytes[pos + 7] === 0x75) {
        const next = this.unit(pos + 6)
        if (next >= 0xdc00 && next <= 0xdfff) return 12
      }
    }
    this.stringProblem ??= 'must not hold half of a surrogate pair'
    return 6
  }

  private unit(pos: number): number {
    const hex = latin(this.bytes, pos + 2, pos + 6)
    if (!/^[\da-f]{4}$/i.test(hex)) throw unreadable()
    return Number.parseInt(hex, 16)
  }

  private endString(): void {
    const level = this.depth > 0 ? this.levels[this.depth - 1]! : null
    if (this.isName) {
      level!.nameFrom = this.tokenFrom
      level!.nameTo = this.pos
      this.at = At.colon
      if (this.stringProblem) this.fault(`has a name that ${this.stringProblem}`, this.keys(this.depth - 1))
      if (level!.seen !== null) this.beginMember(level!, level!.seen)
      return
    }
    if (this.stringProblem) this.fault(this.stringProblem, this.keys())
    if (this.pos > LARGE) this.checkText()
    this.endSimple(level, () => readToken(new TextDecoder().decode(this.bytes.subarray(this.tokenFrom, this.pos))))
  }

  private beginMember({ shape, nameFrom, nameTo }: Level, seen: string[]): void {
    if (shape.kind !== 'object') return
    if (nameTo - nameFrom > LONGEST_NAME) this.stop(new Cause('INVALID_INPUT', 'is not a known field'), this.keys())
    const name = this.text(nameFrom, nameTo)
    if (shape.members.has(name)) {
      if (seen.includes(name)) this.stop(new Cause('INVALID_INPUT', 'is given twice'), this.keys())
      seen.push(name)
    } else if (shape.strict) this.count({ ...this.place(this.keys()), message: 'is not a known field' })
  }

  private readScalar(end: number): void {
    const { bytes } = this
    let pos = this.pos
    while (pos < end) {
      const byte = bytes[pos]!
      // Letters, digits, plus, minus and points go on. Anything else ends it.
      if (
        (byte >= 0x30 && byte <= 0x39) ||
        (byte >= 0x61 && byte <= 0x7a) ||
        byte === 0x2e ||
        byte === 0x2d ||
        byte === 0x2b ||
        byte === 0x45
      )
        pos++
      else {
        this.pos = pos
        return this.endScalar()
      }
    }
    this.pos = pos
  }

  private endScalar(): void {
    const { tokenFrom, pos } = this
    const level = this.depth > 0 ? this.levels[this.depth - 1]! : null
    const length = pos - tokenFrom
    const first = this.bytes[tokenFrom]!
    if (length > 2 && (first === 0x2d || first <= 0x39)) {
      const literal = latin(this.bytes, tokenFrom, pos)
      const problem = numberProblem(literal)
      if (problem) this.fault(problem, this.keys())
      if (length > 15 || /[.eE]/.test(literal)) this.skipped += length - 1
    }
    this.endSimple(level, () => readToken(latin(this.bytes, tokenFrom, pos)))
  }

  /** Ends a string, a number or a word. In a list, values that do not fit are counted. */
  private endSimple(level: Level | null, read: () => unknown): void {
    this.at = this.depth === 0 ? At.end : At.after
    if (level === null || level.seen === null) return
    const wanted = this.wanted()
    if (wanted === undefined || wanted.kind === 'free') {
      if (this.pos - this.tokenFrom >= LEAST_CUT) this.cut(this.tokenFrom, '0')
    } else if (this.depth > 1) this.misfit(wanted.schema, read())
  }

  /** Records a value that is parsed by itself. */
  private cut(from: number, instead: Cut['instead']): void {
    const wanted = this.wanted()
    const whole = wanted?.kind === 'free'
    if (this.pos - from < LEAST_CUT) return
    this.cuts.push({
      from,
      to: this.pos,
      keys: this.keys(),
      instead: whole || wanted === undefined ? '0' : instead,
      wanted: whole,
    })
  }

  private misfit(schema: z.core.$ZodType, value: unknown): void {
    const issue = z.safeParse(schema, value).error?.issues[0]
    // This object had no members when it was judged. A problem with a member, such as a missing field, does not mean
    // that the object itself is wrong.
    if (issue && issue.path.length === 0) this.count({ ...this.place(this.keys()), message: issue.message })
  }

  private fault(message: string, keys: readonly (string | number)[]): void {
    this.faults.push({ ...this.place(keys), message })
    if (this.faults.length + this.misfits.length >= MAX_FAULTS) throw refused([...this.faults, ...this.misfits])
  }

  private count(misfit: Fault): void {
    this.misfits.push(misfit)
    if (this.faults.length + this.misfits.length >= MAX_FAULTS) throw refused([...this.faults, ...this.misfits])
  }

  private stop(cause: Cause, keys: readonly (string | number)[]): never {
    throw refused([{ ...this.place(keys), message: cause.message }], cause.reason)
  }

  /**
   * Refuses the payload that is being read, if there is one, where it is too large. The smallest size that it can come
   * to counts.
   */
  private checkPayload(pos: number): void {
    if (this.at === At.string && !this.isName) this.checkText()
    for (let depth = this.depth; depth > 0; depth--) {
      const { skippedBefore, cutFrom } = this.levels[depth - 1]!
      if (skippedBefore < 0) continue
      if (pos - cutFrom - (this.skipped - skippedBefore) > MAX_PAYLOAD_BYTES) this.tooLarge(this.keys(depth - 1))
      return
    }
  }

  /** Does the same for a payload that is only a string. */
  private checkText(): void {
    if (this.depth > 0 && this.levels[this.depth - 1]!.seen === null) return
    const wanted = this.wanted()
    if (
      wanted?.kind === 'free' &&
      wanted.payload &&
      this.pos - this.tokenFrom - (this.skipped - this.skippedBefore) > MAX_PAYLOAD_BYTES
    )
      this.tooLarge(this.keys())
  }

  private tooLarge(keys: (string | number)[]): never {
    this.stop(
      new Cause('TOO_LARGE', `takes more than ${MAX_PAYLOAD_BYTES} bytes. Upload the data and pass a reference to it.`),
      keys,
    )
  }

  /** Where the reader is: the keys that lead to the value, for the first `depth` levels. */
  private keys(depth = this.depth): (string | number)[] {
    return this.levels
      .slice(0, depth)
      .map(({ list, index, nameFrom, nameTo }) => (list ? index : this.text(nameFrom, nameTo)))
  }

  private place(keys: readonly (string | number)[]): { call: number; path: string } {
    const inside = this.batch ? keys.slice(1) : keys
    return { call: this.batch ? Number(keys[0] ?? 0) : 0, path: jsonPath('', inside) }
  }

  /** A string token as text. Of a very long one, the beginning. */
  private text(from: number, to: number): string {
    if (from < 0) return ''
    if (to - from > LONGEST_NAME)
      return `${new TextDecoder().decode(this.bytes.subarray(from + 1, from + LONGEST_NAME))}…`
    const text = new TextDecoder().decode(this.bytes.subarray(from + 1, to - 1))
    if (!text.includes('\\')) return text
    try {
      return JSON.parse(`"${text}"`) as string
    } catch {
      throw unreadable()
    }
  }
}

function readToken(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw unreadable()
  }
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}
