import { rm } from 'node:fs/promises'
import path from 'node:path'
import { createDb } from '@/server/db'
import { line } from './line'
import { createBenchKey, ORGANIZATION, prepareDatabase } from './prepare'
import { startWebProcess } from './web-process'

/** As the dashboard sends them (app/_components/forms/send-file.ts). */
const PIECE_BYTES = 4 * 1024 * 1024

/**
 * Rule 6: a file of so many bytes is uploaded to a web process, in pieces, and to another one as one body. Prints how
 * long it takes and how much memory the process takes for it, at most.
 */
export async function uploads(stores: { databaseUrl: string; clone: string }, bytes: number): Promise<boolean> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const key = await createBenchKey(db, 'OPERATOR')
  let ok = true
  try {
    for (const way of ['in pieces of 4 MiB', 'as one body']) {
      const web = await startWebProcess(stores)
      try {
        const send = sender(web.url, key)
        const inPieces = way !== 'as one body'
        // What the process loads for its first upload does not count.
        await (inPieces ? sendInPieces : sendWhole)(send, PIECE_BYTES)
        const before = web.peakMemory()
        const from = performance.now()
        await (inPieces ? sendInPieces : sendWhole)(send, bytes)
        const seconds = (performance.now() - from) / 1_000
        const peak = web.peakMemory()
        const what = `an upload of ${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MiB ${way}`
        line(what, seconds, 's', undefined)
        line(`${what}, most memory of the web process`, peak, `MiB, ${Math.round(before)} before it`, undefined)
        ok = line(`${what}, memory that it takes`, peak - before, 'MiB', { below: 128 }) && ok
      } finally {
        await web.stop()
      }
    }
  } finally {
    await db.$disconnect()
    await rm(path.join(stores.clone, '.local/storage/uploads'), { recursive: true, force: true })
  }
  return ok
}

type Send = (
  method: 'POST' | 'PATCH',
  url: string,
  headers: Record<string, string>,
  body?: BodyInit,
) => Promise<Response>

function sender(origin: string, key: string): Send {
  return async (method, url, headers, body) => {
    const response = await fetch(new URL(url, origin), {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body && { body, duplex: 'half' }),
    })
    if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${await response.text()}`)
    return response
  }
}

async function sendInPieces(send: Send, bytes: number): Promise<void> {
  const created = await send('POST', `/api/uploads?organizationId=${ORGANIZATION}`, { 'upload-length': String(bytes) })
  const url = created.headers.get('location')!
  const piece = Buffer.alloc(PIECE_BYTES, 'a line of a file\n')
  for (let offset = 0; offset < bytes; offset += PIECE_BYTES) {
    const headers = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }
    await send('PATCH', url, headers, piece.subarray(0, Math.min(PIECE_BYTES, bytes - offset)))
  }
}

async function sendWhole(send: Send, bytes: number): Promise<void> {
  const piece = new Uint8Array(64 * 1024).fill(97)
  let left = bytes
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close()
      controller.enqueue(piece.subarray(0, Math.min(piece.byteLength, left)))
      left -= piece.byteLength
    },
  })
  const response = await send(
    'POST',
    `/api/uploads?organizationId=${ORGANIZATION}`,
    { 'content-type': 'application/octet-stream' },
    body,
  )
  const { size } = (await response.json()) as { size: number }
  if (size !== bytes) throw new Error(`the server has ${size} of ${bytes} bytes`)
}
