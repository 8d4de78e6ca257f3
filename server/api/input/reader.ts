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
  /** Where the string, number or word begins that is being read, and how many bytes did not count before it. */
  tokenFrom = 0
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
        this.leave()
      } else if (this.at === At.value || this.at === At.firstItem) {
        // A string or a number is read on byte by byte.
        if (this.beginValue(byte)) return
      } else if (byte === 0x22 && this.at !== At.end) return this.beginString(true)
      else throw unreadable()
    }
  }

  private separate(byte: number): void {
    const list = this.lists[this.depth - 1]!
    if (byte === 0x2c) {
      this.pos++
      if (list) this.events.nextItem()
      this.at = list ? At.value : At.name
    } else if (byte === (list ? 0x5d : 0x7d)) this.leave()
    else throw unreadable()
  }

  /** Begins a value. Returns true if the value goes on as a string, number or word. */
  private beginValue(byte: number): boolean {
    this.events.value()
    if (byte === 0x5b || byte === 0x7b) {
      const list = byte === 0x5b
      this.events.enter(list)
      this.lists[this.depth++] = list
      this.pos++
      this.at = list ? At.firstItem : At.firstName
      return false
    }
    if (byte === 0x22) this.beginString(false)
    // A minus sign, a digit, or the first letter of true, false or null.
    else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || byte === 0x74 || byte === 0x66 || byte === 0x6e) {
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

  /** The length of the escape at `pos`. 0 while it has not arrived completely. */
  private escape(pos: number, end: number): number {
    if (pos + 1 >= end) return 0
    if (this.bytes[pos + 1] !== 0x75) return 2
    if (pos + 6 >= end) return 0
    const unit = this.unit(pos)
    if (unit === 0) this.stringProblem = 'must not hold a NUL byte'
    if (unit < 0xd800 || unit > 0xdfff) return 6
    if (unit < 0xdc00) {
      // This must be followed by the second half of the pair. If the next bytes have not arrived, nobody can tell yet.
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
      // Letters, digits and the signs + - . continue the number or word. Anything else ends it.
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
    const length = pos - tokenFrom
    const first = this.bytes[tokenFrom]!
    let problem: string | null = null
    if (length > 2 && (first === 0x2d || first <= 0x39)) {
      const literal = latin(this.bytes, tokenFrom, pos)
      problem = numberProblem(literal)
      if (length > 15 || /[.eE]/.test(literal)) this.skipped += length - 1
    }
    this.afterValue()
    this.events.scalar(tokenFrom, pos, problem)
  }
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}
