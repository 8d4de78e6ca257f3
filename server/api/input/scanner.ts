import { jsonPath } from '@/server/engine/domain/canonical-json'
import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import { z } from 'zod'
import { Cause, refused, unreadable, type Fault } from './faults'
import { Names } from './names'
import { JsonReader, type JsonEvents } from './reader'
import { FREE, type Shape } from './shape'

/** How many parents the jobs of one call may name together. */
const MAX_DEPENDENCIES = 100_000
/**
 * How many values one request may contain, however small they are. With more of them every later step would take long.
 */
const MAX_VALUES = 1_000_000
/** In bytes. A call above this size is large. A part of it that is too large by itself is refused while it arrives. */
export const LARGE = 1024 * 1024
const MAX_DEPTH = 100
const MAX_FAULTS = 20
/** In bytes. A free JSON value of at least this size is parsed separately from the text around it. */
const LEAST_CUT = 512
/** In bytes. No field has a longer name, and in a path the beginning of a name is enough. */
const LONGEST_NAME = 1_000

/** A value that is parsed separately. A value in a wrong place is not parsed at all. */
export interface Cut {
  from: number
  to: number
  keys: readonly (string | number)[]
  /** The text that takes its place in the text around it. */
  instead: '0' | '[]' | '{}'
  wanted: boolean
}

/** An array or object around the present place. */
interface Level {
  shape: Shape
  list: boolean
  /** The index of the item that is being read. */
  index: number
  /** Where the name of the present member begins and ends. -1 before the first name. */
  nameFrom: number
  nameTo: number
  /** True in free JSON, whose members are not known beforehand. */
  free: boolean
  /** The names of this object so far. */
  names: Names
  /** How many levels lie between this one and the root of the input, or the root of the payload that contains it. */
  depth: number
  /** Where it begins, if it will be parsed separately. -1 if not. */
  cutFrom: number
  /** How many bytes did not count when this payload began. -1 if this is not a payload. */
  skippedBefore: number
}

/**
 * Checks an input while it is read, and stops at the twentieth fault or when something is too much. It reports what
 * JSON may not contain here: NUL bytes, halves of surrogate pairs, numbers that cannot be stored exactly, names given
 * twice, and nesting deeper than 100. It counts what makes later steps expensive: members and items, unknown fields,
 * lengths of lists, dependencies, and sizes of parameters.
 */
export class InputScanner implements JsonEvents {
  /** Faults for which the input is refused in any case. */
  readonly faults: Fault[] = []
  /**
   * Faults that the schema will refuse as well, all together and in its own words. They are counted here, and named only
   * when reading stops at the twentieth fault.
   */
  private readonly misfits: Fault[] = []
  readonly cuts: Cut[] = []

  private readonly reader = new JsonReader(this)
  private readonly levels: Level[] = []
  private depth = 0
  private values = 0
  private dependencies = 0
  private readonly root: Shape

  /**
   * @param shapes the inputs of the calls for which the text is meant. Without `batch`, the whole text is the input of
   * one call.
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

  /** Reads the text up to `end`. @throws EngineError if reading stops */
  write(bytes: Uint8Array, end: number): void {
    const { reader } = this
    reader.write(bytes, end)
    // A long number that has not ended may be stored as one digit, so it does not count yet.
    if (end > LARGE) this.checkPayload(reader.inScalar ? reader.tokenFrom : reader.pos)
  }

  /**
   * Call it at the end of the text. Faults within a batch are not thrown: they wait in `faults` for the call that has
   * them.
   *
   * @throws EngineError if the text is not complete, or contains what it may not
   */
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
    const given = parent?.free ? FREE : this.wanted()
    const wanted = given?.kind === 'either' && !list ? given.object : given
    const fits = wanted !== undefined && (wanted.kind === 'free' || wanted.kind === (list ? 'list' : 'object'))
    const shape = fits ? wanted : FREE
    const payload = shape.kind === 'free' && shape.payload
    // The object around the inputs of a batch is no level.
    const depth = payload ? 0 : parent === null ? (this.batch ? -1 : 0) : parent.depth + 1
    if (depth >= MAX_DEPTH)
      this.stop(new Cause('INVALID_INPUT', `must not be nested deeper than ${MAX_DEPTH}`), this.keys())
    if (wanted && !fits) this.misfit(wanted.schema, list ? [] : {})
    const level = (this.levels[this.depth] ??= {} as Level)
    level.shape = shape
    level.list = list
    level.index = 0
    level.nameFrom = level.nameTo = -1
    level.free = shape.kind === 'free'
    ;(level.names ??= new Names()).clear()
    level.depth = depth
    level.cutFrom = shape.kind === 'free' && !parent?.free ? this.reader.pos : -1
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
    // JSON.parse would keep only the last of them, and the sender would not notice.
    const isNew = level.names.add(this.reader.bytes, from, to)
    if (level.free) {
      if (!isNew) this.fault('is given twice', this.keys())
    } else this.beginMember(level, isNew)
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

  private beginMember({ shape, nameFrom, nameTo }: Level, isNew: boolean): void {
    if (shape.kind !== 'object') return
    if (nameTo - nameFrom > LONGEST_NAME) this.stop(new Cause('INVALID_INPUT', 'is not a known field'), this.keys())
    if (!isNew) this.stop(new Cause('INVALID_INPUT', 'is given twice'), this.keys())
    if (!shape.members.has(this.text(nameFrom, nameTo)) && shape.strict)
      this.count({ ...this.place(this.keys()), message: 'is not a known field' })
  }

  /**
   * Handles a string, a number or a word. One that does not fit is counted, but not in the outermost object, where each
   * field comes only once.
   */
  private simple(from: number, to: number): void {
    if (this.depth === 0 || this.levels[this.depth - 1]!.free) return
    const wanted = this.wanted()
    if (wanted === undefined || wanted.kind === 'free') this.cut(from, to, '0')
    else if (this.depth > 1)
      this.misfit(wanted.schema, parsed(new TextDecoder().decode(this.reader.bytes.subarray(from, to))))
  }

  /** Records a value that is parsed separately. */
  private cut(from: number, to: number, instead: Cut['instead']): void {
    if (to - from < LEAST_CUT) return
    const wanted = this.wanted()
    const fits = wanted?.kind === 'free'
    this.cuts.push({
      from,
      to,
      keys: this.keys(),
      // A list or object in place of something else stays one, so that the schema can say what is wrong.
      instead: fits || wanted === undefined ? '0' : instead,
      wanted: fits,
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
   * Refuses the payload that is being read, if there is one and it is too large. It is measured by the smallest size
   * that it can have when stored.
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

  /** Checks a payload that is only a string. */
  private checkText(pos: number): void {
    const { tokenFrom, skipped, skippedBefore } = this.reader
    if (this.depth > 0 && this.levels[this.depth - 1]!.free) return
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

  /** The keys that lead to the value at the reader's place, for the first `depth` levels. */
  private keys(depth = this.depth): (string | number)[] {
    return this.levels
      .slice(0, depth)
      .map(({ list, index, nameFrom, nameTo }) => (list ? index : this.text(nameFrom, nameTo)))
  }

  private place(keys: readonly (string | number)[]): { call: number; path: string } {
    const inside = this.batch ? keys.slice(1) : keys
    return { call: this.batch ? Number(keys[0] ?? 0) : 0, path: jsonPath('', inside) }
  }

  /** A string token as text. Of a very long one, only the beginning. */
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
