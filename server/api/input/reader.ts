import { numberProblem } from '@/server/engine/domain/exact-numbers'
import { unreadable } from './faults'

/** What a reader finds. Positions count bytes. `problem` tells what JSON may not contain at this place. */
export interface JsonEvents {
  /** A value of any kind begins. */
  value(): void
  /** An array or object begins at the reader's place. */
  enter(list: boolean): void
  /** An array or object ended right before the reader's place. */
  leave(): void
  /** Another item of the array follows. */
  nextItem(): void
  /** The name of a member, with its quotes. */
  name(from: number, to: number, problem: string | null): void
  /** A string, with its quotes. */
  string(from: number, to: number, problem: string | null): void
  /** A number, or true, false or null. */
  scalar(from: number, to: number, problem: string | null): void
}

/** What the reader is in, or what must come next. */
const enum At {
  value,
  /** Right after `[`: a value or `]`. */
  firstItem,
  /** Right after `{`: a name or `}`. */
  firstName,
  name,
  colon,
  /** After a value in an array or object: a comma or the end of it. */
  after,
  string,
  scalar,
  /** After the whole text. Only blanks may follow. */
  end,
}

const enum Byte {
  tab = 0x09,
  lineFeed = 0x0a,
  carriageReturn = 0x0d,
  blank = 0x20,
  quote = 0x22,
  plus = 0x2b,
  comma = 0x2c,
  minus = 0x2d,
  point = 0x2e,
  zero = 0x30,
  nine = 0x39,
  colon = 0x3a,
  E = 0x45,
  openList = 0x5b,
  backslash = 0x5c,
  closeList = 0x5d,
  a = 0x61,
  f = 0x66,
  n = 0x6e,
  t = 0x74,
  u = 0x75,
  z = 0x7a,
  openObject = 0x7b,
  closeObject = 0x7d,
}

/**
 * Reads JSON text as it arrives, in one pass over its bytes, and reports what it finds. It checks the structure.
 * JSON.parse later checks the content of strings and numbers. Nothing is parsed here, and the memory does not grow with
 * the text.
 */
export class JsonReader {
  bytes!: Uint8Array
  /** The next byte. */
  pos = 0
  /**
   * The number of bytes that the stored text will not contain: blanks, most of each escape, and most of a long number.
   */
  skipped = 0
  /** Where the string, number or word begins that is being read. */
  tokenFrom = 0
  /** What `skipped` was where the last string began. */
  skippedBefore = 0

  private at = At.value
  private isName = false
  private stringProblem: string | null = null
  /** The arrays and objects around the present place, from the outside in. True for an array. */
  private readonly lists: boolean[] = []
  private depth = 0

  constructor(private readonly events: JsonEvents) {}

  /** Reads the text up to `end`. @throws EngineError if it is not JSON */
  write(bytes: Uint8Array, end: number): void {
    this.bytes = bytes
    // A byte order mark is passed over.
    if (this.pos === 0 && end > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3
    while (this.pos < end) {
      const before = this.pos
      if (this.at === At.string) this.readString(end)
      else if (this.at === At.scalar) this.readScalar(end)
      else this.readStructure(end)
      // The rest of an escape has not arrived yet.
      if (this.pos === before && this.at === At.string) break
    }
  }

  /** Call it at the end of the text. @throws EngineError if the text is not complete */
  finish(end: number): void {
    if (this.at === At.scalar) this.endScalar()
    if (this.at !== At.end || this.pos < end) throw unreadable()
  }

  /** True within a string that is a value. */
  get inString(): boolean {
    return this.at === At.string && !this.isName
  }

  get inScalar(): boolean {
    return this.at === At.scalar
  }

  private readStructure(end: number): void {
    const { bytes } = this
    while (this.pos < end) {
      const byte = bytes[this.pos]!
      if (byte === Byte.blank || byte === Byte.lineFeed || byte === Byte.carriageReturn || byte === Byte.tab) {
        this.pos++
        this.skipped++
        continue
      }
      if (this.at === At.after) this.separate(byte)
      else if (this.at === At.colon) {
        if (byte !== Byte.colon) throw unreadable()
        this.pos++
        this.at = At.value
      } else if (
        (this.at === At.firstItem && byte === Byte.closeList) ||
        (this.at === At.firstName && byte === Byte.closeObject)
      ) {
        this.leave()
      } else if (this.at === At.value || this.at === At.firstItem) {
        // A string or a number is read on byte by byte.
        if (this.beginValue(byte)) return
      } else if (byte === Byte.quote && this.at !== At.end) return this.beginString(true)
      else throw unreadable()
    }
  }

  private separate(byte: number): void {
    const list = this.lists[this.depth - 1]!
    if (byte === Byte.comma) {
      this.pos++
      if (list) this.events.nextItem()
      this.at = list ? At.value : At.name
    } else if (byte === (list ? Byte.closeList : Byte.closeObject)) this.leave()
    else throw unreadable()
  }

  /** Begins a value. Returns true if the value goes on as a string, number or word. */
  private beginValue(byte: number): boolean {
    this.events.value()
    if (byte === Byte.openList || byte === Byte.openObject) {
      const list = byte === Byte.openList
      this.events.enter(list)
      this.lists[this.depth++] = list
      this.pos++
      this.at = list ? At.firstItem : At.firstName
      return false
    }
    if (byte === Byte.quote) this.beginString(false)
    // A minus sign, a digit, or the first letter of true, false or null.
    else if (
      byte === Byte.minus ||
      (byte >= Byte.zero && byte <= Byte.nine) ||
      byte === Byte.t ||
      byte === Byte.f ||
      byte === Byte.n
    ) {
      this.tokenFrom = this.pos++
      this.at = At.scalar
    } else throw unreadable()
    return true
  }

  private leave(): void {
    this.pos++
    this.depth--
    this.afterValue()
    this.events.leave()
  }

  private afterValue(): void {
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
      if (byte === Byte.quote) {
        this.pos = pos + 1
        return this.endString()
      }
      if (byte === Byte.backslash) {
        const length = this.escape(pos, end)
        if (length === 0) break
        pos += length
        this.skipped += length - 1
      } else if (byte < Byte.blank) throw unreadable()
      else pos++
    }
    this.pos = pos
  }

  /** The length of the escape at `pos`. 0 while it has not arrived completely. */
  private escape(pos: number, end: number): number {
    if (pos + 1 >= end) return 0
    if (this.bytes[pos + 1] !== Byte.u) return 2
    // The byte behind `\uXXXX` must be there, too. It may begin the second half of a pair.
    if (pos + 6 >= end) return 0
    const unit = this.unit(pos)
    if (unit === 0) this.stringProblem = 'must not hold a NUL byte'
    // 0xd800 to 0xdbff are first halves of surrogate pairs, 0xdc00 to 0xdfff second halves.
    if (unit < 0xd800 || unit > 0xdfff) return 6
    if (unit < 0xdc00) {
      // This must be followed by the second half of the pair. If the next bytes have not arrived, nobody can tell yet.
      if (this.bytes[pos + 6] === Byte.backslash && pos + 11 >= end) return 0
      if (this.bytes[pos + 6] === Byte.backslash && this.bytes[pos + 7] === Byte.u) {
        const next = this.unit(pos + 6)
        if (next >= 0xdc00 && next <= 0xdfff) return 12
      }
    }
    this.stringProblem ??= 'must not hold half of a surrogate pair'
    return 6
  }

  /** The UTF-16 unit of the escape at `pos`. */
  private unit(pos: number): number {
    const hex = latin(this.bytes, pos + 2, pos + 6)
    if (!/^[\da-f]{4}$/i.test(hex)) throw unreadable()
    return Number.parseInt(hex, 16)
  }

  private endString(): void {
    if (this.isName) {
      this.at = At.colon
      this.events.name(this.tokenFrom, this.pos, this.stringProblem)
      return
    }
    this.afterValue()
    this.events.string(this.tokenFrom, this.pos, this.stringProblem)
  }

  private readScalar(end: number): void {
    const { bytes } = this
    let pos = this.pos
    while (pos < end) {
      const byte = bytes[pos]!
      // Small letters, E, digits and the signs + - . continue the number or word. Anything else ends it.
      if (
        (byte >= Byte.zero && byte <= Byte.nine) ||
        (byte >= Byte.a && byte <= Byte.z) ||
        byte === Byte.point ||
        byte === Byte.minus ||
        byte === Byte.plus ||
        byte === Byte.E
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
    const length = pos - tokenFrom
    const first = this.bytes[tokenFrom]!
    let problem: string | null = null
    // Words begin with a letter. A number of one or two bytes is exact.
    if (length > 2 && (first === Byte.minus || first <= Byte.nine)) {
      const literal = latin(this.bytes, tokenFrom, pos)
      problem = numberProblem(literal)
      // A longer number, or one with a point or exponent, may be stored in a single byte. 1.000 becomes 1.
      if (length > 15 || /[.eE]/.test(literal)) this.skipped += length - 1
    }
    this.afterValue()
    this.events.scalar(tokenFrom, pos, problem)
  }
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}
