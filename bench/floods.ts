import { connect } from 'node:net'

/** What came back, for the line that reports it. */
export interface Answered {
  status: number
  reason: string | undefined
  ms: number
}

/** A flood that is ready: what it costs this process to make its bytes does not count. */
export type Flood = () => Promise<Answered>

/**
 * A submission whose body comes in chunks of one byte, which is the most work for whoever puts it together.
 *
 * @param everyMs 0 sends all of it at once
 */
export function byteByByte(url: string, key: string, body: string, everyMs: number): Flood {
  const { hostname, port } = new URL(url)
  const head = `POST /api/trpc/jobs.submit HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
  // The body holds ASCII alone, so each of its bytes is a character.
  const chunks = [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`)
  const whole = Buffer.from(`${head}${chunks.join('')}0\r\n\r\n`)
  return () => {
    const from = performance.now()
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname)
      let next = 0
      let drip: NodeJS.Timeout | undefined
      if (everyMs === 0) socket.write(whole)
      else {
        socket.write(head)
        drip = setInterval(() => socket.write(chunks[next++] ?? ''), everyMs)
      }
      socket.on('error', () => undefined)
      socket.once('data', (part) => {
        clearInterval(drip)
        resolve({ ...answerOf(part.toString()), ms: performance.now() - from })
        socket.destroy()
      })
    })
  }
}

/** So many sign-ins at once with a wrong password, each with a connection of its own that is open already. */
export async function signInsAtOnce(url: string, times: number): Promise<Flood> {
  const { hostname, port } = new URL(url)
  const csrf = await fetch(`${url}/api/auth/csrf`)
  const { csrfToken } = (await csrf.json()) as { csrfToken: string }
  const cookie = csrf.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const calls = await Promise.all(
    Array.from({ length: times }, async (_, n) => {
      const form = { csrfToken, json: 'true', email: `nobody-${n}@example.com`, password: 'wrong' }
      const body = new URLSearchParams(form).toString()
      const socket = connect(Number(port), hostname)
      await new Promise((resolve) => socket.once('connect', resolve))
      const head = `POST /api/auth/callback/credentials HTTP/1.1\r\nhost: ${hostname}:${port}\r\norigin: ${url}\r\ncookie: ${cookie}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`
      return { socket, bytes: Buffer.from(head + body) }
    }),
  )
  return async () => {
    const from = performance.now()
    const answers = await Promise.all(
      calls.map(
        ({ socket, bytes }) =>
          new Promise<Pick<Answered, 'status' | 'reason'>>((resolve) => {
            let text = ''
            socket.on('data', (part) => (text += part.toString())).on('error', () => undefined)
            socket.on('close', () => resolve(answerOf(text)))
            socket.write(bytes)
          }),
      ),
    )
    const refused = answers.filter(({ status }) => status === 429)
    const told = refused[0] ?? answers[0]!
    const reason = `${told.reason ?? ''} ${refused.length} of ${times} times`
    return { status: told.status, reason, ms: performance.now() - from }
  }
}

function answerOf(text: string): Pick<Answered, 'status' | 'reason'> {
  const [, status = '0'] = /^HTTP\/1.1 (\d+)/.exec(text) ?? []
  return { status: Number(status), reason: /"reason":"(\w+)"/.exec(text)?.[1] }
}
