import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'

/** How often a run notes that it is still alive. */
const BEAT_MS = 200

// A campaign kills and freezes workers on purpose. That breaks their connections, so errors of idle connections are
// ignored.
let pool: Pool | undefined
const connections = () =>
  (pool ??= new Pool({ connectionString: process.env.CHAOS_WITNESS_URL, max: 6, application_name: 'witness' }).on(
    'error',
    () => undefined,
  ))

/**
 * Notes when a run of a handler began, was last alive, and ended. The audit of a fault campaign reads these notes to see
 * whether two attempts of one job ever ran at once, whether more jobs ran at once than a limit allows, and which
 * attempts completed each job. The notes are in a PostgreSQL of their own, which no fault touches. All processes run on
 * one machine, so their times can be compared.
 */
export class Witness {
  private readonly timer: NodeJS.Timeout

  private constructor(readonly run: string) {
    // These writes may arrive out of order, so the later time wins.
    this.timer = setInterval(
      () => void this.write('seen_at = GREATEST(seen_at, $2)', Date.now()).catch(() => undefined),
      BEAT_MS,
    )
  }

  /**
   * Writes the row of the run, then starts its timer. If the row cannot be written, no timer is started, because nobody
   * would stop it.
   */
  static async begin(jobId: string, attempt: number): Promise<Witness> {
    const run = randomUUID()
    await connections().query(
      'INSERT INTO runs (run, job_id, attempt, pid, started_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)',
      [run, jobId, attempt, process.pid, Date.now()],
    )
    return new Witness(run)
  }

  async end(how: 'completed' | 'failed' | 'stopped'): Promise<void> {
    clearInterval(this.timer)
    const now = Date.now()
    await this.write('seen_at = $2, ended_at = $2, how = $3', now, how)
  }

  /**
   * Changes nothing after the end was noted, because a write of the timer may arrive late. `set` is SQL of this file. Its
   * values begin with $2.
   */
  private async write(set: string, ...values: unknown[]): Promise<void> {
    await connections().query(`UPDATE runs SET ${set} WHERE run = $1 AND ended_at IS NULL`, [this.run, ...values])
  }
}
