import type { Reply, Transport } from './send-file'

/**
 * Milliseconds without any progress after which a request counts as lost. A dead connection may stay silent for
 * minutes.
 */
const SILENCE_MS = 15_000

/** Requests of a browser. XMLHttpRequest still is the only one that tells how much of a body is sent. */
export const browserTransport: Transport = {
  request: ({ method, url, headers, body, onProgress, signal }) =>
    new Promise<Reply>((resolve) => {
      const request = new XMLHttpRequest()
      let silence: ReturnType<typeof setTimeout> | undefined
      const abort = () => request.abort()
      const heard = () => {
        clearTimeout(silence)
        silence = setTimeout(abort, SILENCE_MS)
      }
      request.open(method, url)
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      request.upload.onprogress = ({ loaded }) => {
        heard()
        onProgress?.(loaded)
      }
      // This comes after an answer, and also after a failure or an abort. Then the status is 0.
      request.onloadend = () => {
        clearTimeout(silence)
        signal.removeEventListener('abort', abort)
        resolve({
          status: request.status,
          header: (name) => request.getResponseHeader(name),
          message: messageOf(request.responseText),
        })
      }
      signal.addEventListener('abort', abort, { once: true })
      heard()
      request.send(body)
    }),

  pause: (ms, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        window.removeEventListener('online', end)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      window.addEventListener('online', end, { once: true })
      signal.addEventListener('abort', end, { once: true })
    }),
}

function messageOf(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message : null
  } catch {
    return null
  }
}
