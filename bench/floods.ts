import { connect } from 'node:net'

/** What came back, for the line that reports it. */
export interface Answered {
  status: number
  reason: string | undefined
  ms: number
}

/**
 * Sends a submission whose body comes in chunks of one byte, which is the most work for whoever puts it together.
 *
 * @param everyMs 0 sends all of it at once
 */
export function submitByteByByte(url: string, key: string, body: string, everyMs: number): Promise<Answered> {
  const { hostname, port } = new URL(url)
  const from = performance.now()
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let drip: NodeJS.Timeout | undefined
    socket.write(
      `POST /api/trpc/jobs.submit HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    const chunks = [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`)
    if (everyMs === 0) socket.write(`${chunks.join('')}0\r\n\r\n`)
    else {
      let next = 0
      drip = setInterval(() => socket.write(chunks[next++] ?? ''), everyMs)
    }
    socket.on('error', () => undefined)
    socket.once('data', (part) => {
      clearInterval(drip)
      const text = part.toString()
      const [, status = '0'] = /^HTTP\/1.1 (\d+)/.exec(text) ?? []
      resolve({ status: Number(status), reason: /"reason":"(\w+)"/.exec(text)?.[1], ms: performance.now() - from })
      socket.destroy()
    })
  })
}

/** Signs in so many times at once, each with a connection of its own and a wrong password, as a browser would. */
export async function signInAtOnce(url: string, times: number): Promise<Answered> {
  const from = performance.now()
  const csrf = await fetch(`${url}/api/auth/csrf`)
  const { csrfToken } = (await csrf.json()) as { csrfToken: string }
  const cookie = csrf.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const answers = await Promise.all(
    Array.from({ length: times }, async (_, n) => {
      const response = await fetch(`${url}/api/auth/callback/credentials`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, origin: url, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrfToken, json: 'true', email: `nobody-${n}@example.com`, password: 'wrong' }),
      })
      return { status: response.status, text: await response.text() }
    }),
  )
  const refused = answers.filter(({ status }) => status === 429)
  const last = refused[0] ?? answers[0]!
  return {
    status: last.status,
    reason: `${/"reason":"(\w+)"/.exec(last.text)?.[1] ?? ''} ${refused.length} of ${times} times`,
    ms: performance.now() - from,
  }
}
