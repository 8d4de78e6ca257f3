import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { chunksOf } from './body'

const MIB = 1024 * 1024

function requestOf(body: ReadableStream<Uint8Array>): Request {
  return new Request('http://localhost/api/uploads', { method: 'POST', body, duplex: 'half' } as RequestInit)
}

it('a long body passes through the process without being held in its memory', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  let left = 200
  const request = requestOf(
    new ReadableStream(
      { pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(MIB)) : controller.close()) },
      { highWaterMark: 0 },
    ),
  )
  const pieces: WeakRef<Uint8Array>[] = []
  let held = Infinity
  for await (const piece of chunksOf(request)) {
    pieces.push(new WeakRef(piece))
    if (pieces.length < 200) continue
    // A WeakRef keeps what it was made for until the running task ends.
    await sleep(0)
    collectGarbage()
    held = pieces.filter((piece) => piece.deref()).length
  }
  expect(pieces).toHaveLength(200)
  // Some of the last pieces may still be in use.
  expect(held).toBeLessThan(20)
})

it('a sender who stops in the middle of a body is told that it came too slowly', async () => {
  const request = requestOf(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) }))
  const read = async () => {
    for await (const piece of chunksOf(request, 50)) expect(piece).toHaveLength(10)
  }
  await expect(read()).rejects.toThrow('The body came too slowly')
})

it('a sender is not blamed while our own storage stands still', async () => {
  const request = requestOf(
    new ReadableStream({
      start(controller) {
        for (let n = 0; n < 3; n++) controller.enqueue(new Uint8Array(10))
        controller.close()
      },
    }),
  )
  let size = 0
  for await (const piece of chunksOf(request, 50)) {
    size += piece.byteLength
    await sleep(200)
  }
  expect(size).toBe(30)
})
