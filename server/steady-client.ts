import type { Socket } from 'node:net'
import { Client } from 'pg'

interface SteadySettings {
  /** A connection on which nothing is heard or said for so many milliseconds ends. */
  silenceMs?: number
  /** Of PostgreSQL, for this session. */
  settings?: Readonly<Record<string, string | number>>
}

/**
 * What every session of ours sets. The just-in-time compiler is made for queries that read for seconds; PostgreSQL
 * starts it for each plan that looks dear, and with `enable_seqscan=off` all of a worker's do (docs/decisions/0052).
 */
const ALWAYS = { jit: 'off' }

/**
 * A class of connections whose sudden end crashes nobody: pg announces it as an `error` event, which ends
 * the process where nobody listens, and pools listen only while a connection is idle in them. Whoever uses
 * it learns of the end by the next query, which rejects.
 *
 * One to a server that is gone without a word would keep its user waiting until TCP gives it up, a quarter of an
 * hour later, and a pool would hand it to the next one: `silenceMs` ends it.
 *
 * Its settings are made by a statement and not by the startup parameter `options`, which poolers refuse or, told
 * to ignore it, drop.
 */
export function steadyClient({ silenceMs, settings }: SteadySettings = {}): typeof Client {
  const setUp = settingsStatement({ ...ALWAYS, ...settings })
  return class SteadyClient extends Client {
    constructor(...config: ConstructorParameters<typeof Client>) {
      super(...config)
      this.on('error', () => undefined)
      if (silenceMs === undefined) return
      const { connection } = this as unknown as {
        connection: { stream: Socket; once(event: 'readyForQuery', listener: () => void): void }
      }
      // Only then: with TLS, the stream is another one than at first.
      connection.once('readyForQuery', () => {
        connection.stream.setTimeout(silenceMs, () =>
          connection.stream.destroy(new Error(`PostgreSQL said nothing for ${silenceMs / 1000} s`)),
        )
      })
    }

    override connect(): Promise<this>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<this> | void {
      const connected = super.connect().then(async () => {
        await this.query(setUp).catch(async (error: unknown) => {
          await this.end().catch(() => undefined) // a pool forgets it without ending it
          throw error
        })
        return this
      })
      if (!callback) return connected
      // pg calls it without an error when all is well; its types do not say so.
      connected.then(() => callback(undefined as never), callback)
    }
  }
}

/** Values are our own constants; names and values are quoted all the same. */
function settingsStatement(settings: Readonly<Record<string, string | number>>): string {
  const quoted = (text: string | number) => `'${String(text).replaceAll("'", "''")}'`
  const calls = Object.entries(settings).map(([name, value]) => `set_config(${quoted(name)}, ${quoted(value)}, false)`)
  return `SELECT ${calls.join(', ')}`
}
