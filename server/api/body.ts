import { EngineError } from '@/server/engine'
import { createBreath } from '@/server/engine/domain/breath'
import { decode, parseInput } from './input/parse'
import type { InputScanner } from './input/scanner'

// Reads the body of a request, within limits of size and time.

/** After so many bytes other callers get their turn, if it is time for that (`createBreath`). */
const PIECE = 64 * 1024
/** The most memory in bytes that is taken before anything has arrived, whatever length was announced. */
const FIRST_BYTES = 64 * 1024
/** The least memory in bytes for a body. */
const LEAST_BYTES = 1_024
/** The sender must deliver this many bytes, or the end of the body, in each span of `FLOOR_MS` milliseconds. */
const FLOOR_BYTES = 16 * 1024
const FLOOR_MS = 5_000

export interface Gate {
  /** A body with more bytes than this must pass. */
  above: number
  /** @throws EngineError if the caller may not send so much now */
  pass: () => Promise<void>
}

/** The rules by which a body is read. */
export interface BodyRules {
  /** The largest allowed body in bytes. */
  limit: number
  scanner: InputScanner
  /** Checks before larger amounts are read, the smallest amount first. */
  gates: readonly Gate[]
  /** The length of a span in milliseconds. Only tests set it. */
  floorMs?: number
}

/**
 * Reads the JSON value of a body. The body is checked while it arrives. Reading stops as soon as the body is too large,
 * contains too much or arrives too slowly. A missing body is refused as unreadable JSON.
 *
 * @throws EngineError, with TOO_LARGE above the limit
 */
export async function readJson(request: Request, { limit, scanner, gates, floorMs }: BodyRules): Promise<unknown> {
  const breath = createBreath()
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) throw tooLarge(limit)
  let passed = 0
  const passGates = async (bytes: number) => {
    for (; passed < gates.length && bytes > gates[passed]!.above; passed++) await gates[passed]!.pass()
  }
  await passGates(declared)
  let bytes = new Uint8Array(Math.min(Math.max(declared, LEAST_BYTES), FIRST_BYTES))
  let size = 0
  for await (const chunk of chunksOf(request, floorMs)) {
    if (size + chunk.byteLength > limit) throw tooLarge(limit)
    await passGates(size + chunk.byteLength)
    if (size + chunk.byteLength > bytes.length) {
      const wider = new Uint8Array(
        Math.min(Math.max(2 * bytes.length, size + chunk.byteLength), Math.max(limit, LEAST_BYTES)),
      )
      wider.set(bytes.subarray(0, size))
      bytes = wider
    }
    bytes.set(chunk, size)
    for (const end = size + chunk.byteLength; size < end;) {
      size = Math.min(size + PIECE, end)
      scanner.write(bytes, size)
      await breath()
    }
  }
  scanner.finish(bytes, size)
  return parseInput(bytes.subarray(0, size), scanner.cuts)
}

/**
 * Reads the body as text. A missing body is an empty text.
 * @throws EngineError TOO_LARGE above `limit` bytes, INVALID_INPUT if it arrives too slowly or is not UTF-8
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return decode(Buffer.concat(chunks))
}

/**
 * The pieces of a body, as long as they arrive fast enough. When the reader of the pieces stops, the rest is not read.
 *
 * @throws EngineError INVALID_INPUT where they come too slowly
 */
export async function* chunksOf(request: Request, floorMs = FLOOR_MS): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader()
  if (!reader) return
  /** How many bytes have come in this span. */
  let came = 0
  /** True while we wait for the sender. False while our own code works on a piece. */
  let waits = false
  let refuse: (error: EngineError) => void = () => undefined
  // A promise of its own for each piece. One promise for all of them, in a race with each read, would remember every
  // piece until the end of the body.
  const nextPiece = () =>
    new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
      refuse = reject
      reader.read().then(resolve, reject)
    })
  // The time that we need between two pieces is not the sender's delay.
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    came = 0
    timer = setTimeout(() => (waits && came < FLOOR_BYTES ? refuse(slow(floorMs)) : begin()), floorMs)
  }
  try {
    begin()
    for (;;) {
      waits = true
      const { done, value } = await nextPiece()
      waits = false
      if (done) return
      came += value.byteLength
      const from = performance.now()
      yield value
      // This process was busy for long and did not read, so the span begins again.
      if (performance.now() - from > floorMs / 10) {
        clearTimeout(timer)
        begin()
      }
    }
  } finally {
    clearTimeout(timer)
    // The web server discards the rest (server/web/discard-rest.ts). Canceling it here would destroy the request in
    // Next.js, and its connection would answer nothing more.
    reader.releaseLock()
  }
}

function slow(floorMs: number): EngineError {
  const message = `The body came too slowly: less than ${FLOOR_BYTES} bytes in ${floorMs / 1000} s. Send it again over a faster connection, or send less at a time.`
  return new EngineError('INVALID_INPUT', message, { fields: [{ path: '', message: 'must arrive in time' }] })
}

function tooLarge(limit: number): EngineError {
  const message = `The request body is too large: this call takes at most ${limit.toLocaleString('en')} bytes. Send less at a time, or upload the data and pass a reference to it.`
  return new EngineError('TOO_LARGE', message, {
    fields: [{ path: '', message: `must have at most ${limit.toLocaleString('en')} bytes` }],
  })
}
