import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'

const BEAT_MS = 200

let pool: Pool | undefined
const connections = () =>
  (pool ??= new Pool({ connectionString: process.env.CHAOS_WITNESS_URL, max: 6, application_name: 'witness' }).on(
    'error',
    () => undefined,
  ))

/**
 * What a run of a handler did, in a table of its own on a server that no fault touches: written over
 * connections of its own, each row at once, by the clock that all processes here share.
 */
export class Witness {
  readonly run = randomUUID()
  private readonly timer: NodeJS.Timeout

  private constructor() {
    this.timer = setInterval(
      () => void this.write('seen_at = GREATEST(seen_at, $2)', Date.now()).catch(() => undefined),
      BEAT_MS,
    )
  }

  static async begin(jobId: string, attempt: number): Promise<Witness> {
    const now = Date.now()
    const witness = new Witness()
    await connections().query(
      'INSERT INTO runs (run, job_id, attempt, pid, started_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)',
      [witness.run, jobId, attempt, process.pid, now],
    )
    return witness
  }

  async end(how: 'completed' | 'failed' | 'stopped'): Promise<void> {
    clearInterval(this.timer)
    const now = Date.now()
    await this.write('seen_at = $2, ended_at = $2, how = $3', now, how)
  }

  /** A later moment is never overwritten by an earlier one. */
  private async write(set: string, ...values: unknown[]): Promise<void> {
    await connections().query(`UPDATE runs SET ${set} WHERE run = $1 AND ended_at IS NULL`, [this.run, ...values])
  }
}
