import type { Socket } from 'node:net'
import { Client } from 'pg'

/**
 * A class of connections whose sudden end crashes nobody: pg announces it as an `error` event, which ends
 * the process where nobody listens, and pools listen only while a connection is idle in them. Whoever uses
 * it learns of the end by the next query, which rejects.
 *
 * A connection on which nothing is heard or said for `silenceMs` milliseconds ends, too. One to a server that
 * is gone without a word would keep its user waiting until TCP gives it up, a quarter of an hour later, and a
 * pool would hand it to the next one.
 */
export function steadyClient(silenceMs?: number): typeof Client {
  return class SteadyClient extends Client {
    constructor(...config: ConstructorParameters<typeof Client>) {
      super(...config)
      this.on('error', () => undefined)
      if (silenceMs === undefined) return
      const { connection } = this as unknown as { connection: { stream: Socket; once(event: 'readyForQuery', listener: () => void): void } }
      // Only then: with TLS, the stream is another one than at first.
      connection.once('readyForQuery', () => {
        connection.stream.setTimeout(silenceMs, () => connection.stream.destroy(new Error(`PostgreSQL said nothing for ${silenceMs / 1000} s`)))
      })
    }
  }
}
