import { randomInt } from 'node:crypto'

/** A secret start value for hashes. So nobody outside knows which names share a place in the table. */
const SEED = randomInt(2 ** 31)
const FIRST_SIZE = 16

/**
 * The names of the members of one object, as places in the bytes of the text. It tells whether a name was there before,
 * without making a text of each name. It is a hash table with open addressing that is at most half full.
 */
export class Names {
  private hashes = new Int32Array(FIRST_SIZE)
  /**
   * The beginning and end of each name, side by side. 0 marks a free place, because no name begins at the start of the
   * text.
   */
  private places = new Int32Array(2 * FIRST_SIZE)
  private count = 0

  /** Forgets all names, so that the table can serve the next object at this depth. */
  clear(): void {
    if (this.count === 0) return
    this.count = 0
    // A table that grew for a large object is replaced, so that clearing it stays cheap for later objects.
    if (this.hashes.length > FIRST_SIZE) {
      this.hashes = new Int32Array(FIRST_SIZE)
      this.places = new Int32Array(2 * FIRST_SIZE)
    } else this.places.fill(0)
  }

  /**
   * Adds a name, given with its quotes. Returns false if the object already has the name, in whatever way each is
   * escaped.
   */
  add(bytes: Uint8Array, from: number, to: number): boolean {
    if (2 * this.count >= this.hashes.length) this.grow()
    const hash = hashOf(bytes, from, to)
    const last = this.hashes.length - 1
    let at = hash & last
    for (; this.places[2 * at] !== 0; at = (at + 1) & last)
      if (this.hashes[at] === hash && isSame(bytes, from, to, this.places[2 * at]!, this.places[2 * at + 1]!))
        return false
    this.put(at, hash, from, to)
    this.count++
    return true
  }

  private put(at: number, hash: number, from: number, to: number): void {
    this.hashes[at] = hash
    this.places[2 * at] = from
    this.places[2 * at + 1] = to
  }

  private grow(): void {
    const { hashes, places } = this
    this.hashes = new Int32Array(2 * hashes.length)
    this.places = new Int32Array(2 * places.length)
    const last = this.hashes.length - 1
    for (let n = 0; n < hashes.length; n++) {
      if (places[2 * n] === 0) continue
      let at = hashes[n]! & last
      while (this.places[2 * at] !== 0) at = (at + 1) & last
      this.put(at, hashes[n]!, places[2 * n]!, places[2 * n + 1]!)
    }
  }
}

const BACKSLASH = 0x5c

/**
 * Hashes a name by FNV-1a, whose prime is 0x01000193. The shift brings the high bits down, because the table looks at
 * the low ones. Equal names have equal hashes, because a name with escapes is hashed by its meaning.
 */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = SEED
  for (let at = from + 1; at < to - 1; at++) {
    const byte = bytes[at]!
    if (byte === BACKSLASH) return hashOfText(unescaped(bytes, from, to) ?? '')
    hash = Math.imul(hash ^ byte, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}

function hashOfText(text: string): number {
  let hash = SEED
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}

function isSame(bytes: Uint8Array, from: number, to: number, otherFrom: number, otherTo: number): boolean {
  const [name, other] = [unescaped(bytes, from, to), unescaped(bytes, otherFrom, otherTo)]
  return name !== null && name === other
}

/** The name as a text. Null if it is no JSON string. */
function unescaped(bytes: Uint8Array, from: number, to: number): string | null {
  try {
    return JSON.parse(new TextDecoder().decode(bytes.subarray(from, to))) as string
  } catch {
    return null
  }
}
