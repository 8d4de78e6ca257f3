import type { CallOptions } from './caller'
import { JobyardError } from './errors'
import type { Transport } from './transport'

// Uploads a file in pieces, and goes on where it was interrupted.

export interface UploadOptions extends CallOptions {
  organizationId?: string
  /** A name for people. Without one, a `File` is called by its own name. */
  name?: string
  /** Called with the number of bytes that the server has. */
  onProgress?: (bytes: number) => void
}

/**
 * The bytes of one piece. A broken connection loses at most one piece. 1 GiB needs 256 pieces, and 2,000 are allowed.
 */
const PIECE_BYTES = 4 * 1024 * 1024

/**
 * Sends a file in pieces, by the core of the tus protocol (docs/uploads.md). A piece whose answer is lost is not simply
 * sent again: the server is asked first how many bytes it has. An upload that fails or is aborted after it was begun is
 * given up, so that it does not count towards the organization's limits. Where the answer to the beginning of an upload is lost, another
 * one is begun. The first is then removed after a day.
 */
export async function uploadFile(
  transport: Transport,
  file: Blob,
  { organizationId, name, signal, onProgress }: UploadOptions & { organizationId: string },
): Promise<{ uploadId: string; size: number }> {
  const called = name ?? ('name' in file && typeof file.name === 'string' ? file.name : undefined)
  const created = await transport.send(
    `/api/uploads?organizationId=${encodeURIComponent(organizationId)}`,
    {
      method: 'POST',
      headers: { 'upload-length': String(file.size), 'upload-metadata': metadata(called, file.type) },
    },
    { signal },
  )
  const path = created.headers.get('location') ?? ''
  const offsetOf = async () => {
    const answer = await transport.send(path, { method: 'HEAD' }, { signal })
    return Number(answer.headers.get('upload-offset'))
  }
  try {
    for (let offset = 0; offset < file.size;) {
      offset = await sendPiece(transport, path, file, offset, { offsetOf, signal })
      onProgress?.(offset)
    }
  } catch (error) {
    // Nobody waits for this. An upload that is not given up is removed after a day.
    void transport.send(path, { method: 'DELETE' }, { signal: undefined }).catch(() => undefined)
    throw error
  }
  return { uploadId: path.split('/').at(-1)!, size: file.size }
}

/** Sends the bytes from `offset` on, one piece of them. Resolves to how many bytes the server has then. */
async function sendPiece(
  transport: Transport,
  path: string,
  file: Blob,
  offset: number,
  { offsetOf, signal }: { offsetOf: () => Promise<number>; signal: AbortSignal | undefined },
): Promise<number> {
  /** What the server has, where the answer to a try was lost and the try had brought it further. */
  let arrived: number | undefined
  try {
    const answer = await transport.send(
      path,
      {
        method: 'PATCH',
        headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
        body: file.slice(offset, offset + PIECE_BYTES),
      },
      {
        signal,
        async lookFirst() {
          const present = await offsetOf()
          if (present === offset) return undefined
          arrived = present
          return new Response(null)
        },
      },
    )
    return arrived ?? Number(answer.headers.get('upload-offset'))
  } catch (error) {
    // 409 is CHANGED_MEANWHILE. The server has more bytes than this client knew of: a lost try arrived late.
    if (error instanceof JobyardError && error.status === 409) {
      const present = await offsetOf()
      if (present !== offset) return present
    }
    throw error
  }
}

function metadata(name: string | undefined, type: string): string {
  const kind = `filetype ${base64(type || 'application/octet-stream')}`
  return name === undefined ? kind : `filename ${base64(name)},${kind}`
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
