import { jsonPath } from '@/server/engine/domain/canonical-json'
import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import { z } from 'zod'
import { Cause, refused, unreadable, type Fault } from './faults'
import { JsonReader, type JsonEvents } from './reader'
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

/**
 * Looks at an input while it is read, and stops at the first twenty faults or at what is too much. It notes what no
 * JSON text may hold here (NUL bytes, halves of surrogate pairs, numbers that cannot be kept, nesting deeper than 100),
 * and counts what costs those who come after: members and items, unknown fields, lengths of lists, dependencies, sizes
 * of parameters.
 */
export class InputScanner implements JsonEvents {
  /** What JSON may not hold, or the input may not be: refused in any case. */
  readonly faults: Fault[] = []
  /** Faults that the schema will refuse as well, all together and in its own words. Here they are only counted. */
  private readonly misfits: Fault[] = []
  readonly cuts: Cut[] = []

  private readonly reader = new JsonReader(this)
  private readonly levels: Level[] = []
  private depth = 0
  private values = 0
  private dependencies = 0
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
    const { reader } = this
    reader.write(bytes, end)
    // A long number that has not ended may come to one digit.
    if (end > LARGE) this.checkPayload(reader.inScalar ? reader.tokenFrom : reader.pos)
  }

  /** Called when the text has ended. @throws EngineError where it is not complete, or holds what it may not */
  finish(bytes: Uint8Array, end: number): void {
    this.write(bytes, end)
    this.reader.finish(end)
    if (this.faults.length > 0 && !this.batch) throw refused(this.faults)
  }

  value(): void {
    if (++this.values > MAX_VALUES)
      this.stop(
        new Cause('TOO_LARGE', `holds more than ${MAX_VALUES.toLocaleString('en')} values: send it in several calls`),
        [],
      )
    const parent = this.depth > 0 ? this.levels[this.depth - 1]! : null
    if (parent?.list) this.countItem(parent)
  }

  nextItem(): void {
    this.levels[this.depth - 1]!.index++
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

  enter(list: boolean): void {
    const parent = this.depth > 0 ? this.levels[this.depth - 1]! : null
    const given = parent !== null && parent.seen === null ? FREE : this.wanted()
    const wanted = given?.kind === 'either' && !list ? given.object : given
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
    level.cutFrom = shape.kind === 'free' && (parent === null || parent.seen !== null) ? this.reader.pos : -1
    level.skippedBefore = payload ? this.reader.skipped : -1
    this.depth++
  }

  leave(): void {
    const level = this.levels[this.depth - 1]!
    const { pos } = this.reader
    if (pos > LARGE) this.checkPayload(pos)
    this.depth--
    if (level.cutFrom >= 0) this.cut(level.cutFrom, pos, level.list ? '[]' : '{}')
  }

  name(from: number, to: number, problem: string | null): void {
    const level = this.levels[this.depth - 1]!
    level.nameFrom = from
    level.nameTo = to
    if (problem) this.fault(`has a name that ${problem}`, this.keys(this.depth - 1))
    if (level.seen !== null) this.beginMember(level, level.seen)
  }

  string(from: number, to: number, problem: string | null): void {
    if (problem) this.fault(problem, this.keys())
    if (to > LARGE) this.checkText(to)
    this.simple(from, to)
  }

  scalar(from: number, to: number, problem: string | null): void {
    if (problem) this.fault(problem, this.keys())
    this.simple(from, to)
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

  /** A string, a number or a word: of many in a list those that do not fit are counted. */
  private simple(from: number, to: number): void {
    if (this.depth === 0 || this.levels[this.depth - 1]!.seen === null) return
    const wanted = this.wanted()
    if (wanted === undefined || wanted.kind === 'free') this.cut(from, to, '0')
    else if (this.depth > 1)
      this.misfit(wanted.schema, parsed(new TextDecoder().decode(this.reader.bytes.subarray(from, to))))
  }

  /** Notes a value that is not parsed with what is around it. */
  private cut(from: number, to: number, instead: Cut['instead']): void {
    if (to - from < LEAST_CUT) return
    const wanted = this.wanted()
    const whole = wanted?.kind === 'free'
    this.cuts.push({
      from,
      to,
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
    if (this.reader.inString) this.checkText(pos)
    for (let depth = this.depth; depth > 0; depth--) {
      const { skippedBefore, cutFrom } = this.levels[depth - 1]!
      if (skippedBefore < 0) continue
      if (pos - cutFrom - (this.reader.skipped - skippedBefore) > MAX_PAYLOAD_BYTES) this.tooLarge(this.keys(depth - 1))
      return
    }
  }

  /** Of a payload that is nothing but a string. */
  private checkText(pos: number): void {
    const { tokenFrom, skipped, skippedBefore } = this.reader
    if (this.depth > 0 && this.levels[this.depth - 1]!.seen === null) return
    const wanted = this.wanted()
    if (wanted?.kind === 'free' && wanted.payload && pos - tokenFrom - (skipped - skippedBefore) > MAX_PAYLOAD_BYTES)
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
      return `${new TextDecoder().decode(this.reader.bytes.subarray(from + 1, from + LONGEST_NAME))}…`
    const text = new TextDecoder().decode(this.reader.bytes.subarray(from + 1, to - 1))
    if (!text.includes('\\')) return text
    try {
      return JSON.parse(`"${text}"`) as string
    } catch {
      throw unreadable()
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw unreadable()
  }
}
