import { EngineError } from '@/server/engine'
import { chunksOf } from '../body'

/** The bytes of one piece. When the connection breaks, or they come too slowly, they end where they are. */
export class Piece {
  /** Why they ended early. Undefined if they did not. */
  cut: unknown
  constructor(
    private readonly request: Request,
    private readonly left: number,
  ) {}

  /** @throws EngineError TOO_LARGE where more bytes come than the file has left */
  async *bytes(): AsyncGenerator<Uint8Array> {
    let size = 0
    const chunks = chunksOf(this.request)
    try {
      for (;;) {
        let next: IteratorResult<Uint8Array, void>
        try {
          next = await chunks.next()
        } catch (error) {
          this.cut = error
          return
        }
        if (next.done) return
        size += next.value.byteLength
        if (size > this.left) throw pastTheEnd(this.left)
        yield next.value
      }
    } finally {
      // Where the storage cannot write, nobody takes the next chunk. The timer of `chunksOf` would run on for ever.
      await chunks.return(undefined)
    }
  }
}

/** The refusal of a piece that has more bytes than are still to come. */
export const pastTheEnd = (left: number): EngineError =>
  new EngineError('TOO_LARGE', `This piece goes past the end of the file: ${left} bytes are still to come.`)
