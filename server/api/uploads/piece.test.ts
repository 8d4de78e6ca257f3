import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { Piece } from './piece'

/** A request whose body is five chunks of four bytes. */
const request = () => {
  let left = 5
  return new Request('http://localhost/api/uploads/x', {
    method: 'PATCH',
    body: new ReadableStream<Uint8Array>(
      { pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(4)) : controller.close()) },
      { highWaterMark: 0 },
    ),
    duplex: 'half',
  } as RequestInit)
}

/** A disk that is full after so many bytes. */
const fullAfter = (bytes: number) =>
  new Writable({
    write(chunk: Uint8Array, _, done) {
      bytes -= chunk.byteLength
      done(bytes < 0 ? new Error('ENOSPC: no space left on device') : null)
    },
  })

it.each([
  ['the disk is full in the middle of it', 20, 8, /ENOSPC/],
  ['it goes past the end of the file', 8, 100, /past the end of the file: 8 bytes/],
])('a piece lets go of its request where %s', async (_, left, room, why) => {
  const sent = request()
  const source = new Piece(sent, left)
  await expect(
    pipeline(Readable.from(source.bytes(), { objectMode: false, highWaterMark: 1 }), fullAfter(room)),
  ).rejects.toThrow(why)
  // Nobody reads the body any more, so no timer waits for its sender.
  await expect.poll(() => sent.body!.locked).toBe(false)
  expect(source.cut).toBeUndefined()
})

it('a piece that comes whole lets go of its request, and so does one whose connection breaks', async () => {
  const whole = request()
  const chunks = await Readable.from(new Piece(whole, 20).bytes()).toArray()
  expect([Buffer.concat(chunks).length, whole.body!.locked]).toEqual([20, false])

  let begun = false
  const broken = new Request('http://localhost/api/uploads/x', {
    method: 'PATCH',
    body: new ReadableStream<Uint8Array>({
      pull(controller) {
        if (begun) controller.error(new Error('reset'))
        else controller.enqueue(new Uint8Array(4))
        begun = true
      },
    }),
    duplex: 'half',
  } as RequestInit)
  const source = new Piece(broken, 20)
  const came = await Readable.from(source.bytes()).toArray()
  expect([Buffer.concat(came).length, broken.body!.locked]).toEqual([4, false])
  expect(source.cut).toMatchObject({ message: 'reset' })
})
