import type { Socket } from 'node:net'
import { Client } from 'pg'

/**
 * Milliseconds after which a connection that is idle is asked by TCP whether the other side still stands. Linux would
 * wait for two hours. Ten questions follow, a second apart, as Node.js sets it.
 */
export const KEEP_ALIVE_MS = 10_000

interface SteadySettings {
  /** Milliseconds. A connection on which nothing is sent or received for so long is closed. */
  silenceMs?: number
  /** PostgreSQL's settings for this session. */
  settings?: Readonly<Record<string, string | number>>
}

/**
 * What all our sessions set. The just-in-time compiler helps queries that run for seconds. PostgreSQL starts it for
 * every plan with a high estimated cost, and with `enable_seqscan=off` all of a worker's plans have one
 * (docs/decisions/0052). Each statement runs in one process: to start helpers costs more than our statements take
 * (docs/decisions/0148).
 */
const ALWAYS = { jit: 'off', max_parallel_workers_per_gather: 0 }

/**
 * A class of connections whose sudden end does not crash the process. pg reports such an end as an `error` event, and
 * an `error` event without a listener ends a Node.js process. Pools listen only while a connection is idle. With this
 * class, the user of the connection learns of its end by the next query, which rejects.
 *
 * A server may vanish without closing its connections. TCP notices after a quarter of an hour, and until then a pool
 * would go on handing out the dead connection. `silenceMs` closes it earlier.
 *
 * Settings are made by a statement. Poolers refuse or drop the startup parameter `options`, which could set them too.
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
      // The stream is taken only now, because TLS replaces it while the connection is made.
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
          await this.end().catch(() => undefined) // a pool would drop the connection without closing it
          throw error
        })
        return this
      })
      if (!callback) return connected
      // pg calls it without an error when all is well, although its types say otherwise.
      connected.then(() => callback(undefined as never), callback)
    }
  }
}

/** Names and values are our own constants. They are quoted nevertheless. */
function settingsStatement(settings: Readonly<Record<string, string | number>>): string {
  const quoted = (text: string | number) => `'${String(text).replaceAll("'", "''")}'`
  const calls = Object.entries(settings).map(([name, value]) => `set_config(${quoted(name)}, ${quoted(value)}, false)`)
  return `SELECT ${calls.join(', ')}`
}
