import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import type { HandlerContext } from '@jobyard/handler'

/** Rows that are written at once. */
const BATCH = 500

/**
 * A CSV file that is written row by row while storage takes it. Storage sets the pace, so memory stays the same however
 * many rows there are.
 */
export class CsvArtifact {
  private readonly stream = new PassThrough({ highWaterMark: 256 * 1024 })
  private readonly stored: Promise<void>
  private readonly failed = new AbortController()
  private rows: string[][] = []

  constructor(
    name: string,
    header: readonly string[],
    private readonly ctx: Pick<HandlerContext, 'artifact' | 'signal'>,
  ) {
    this.rows.push(header.map(unlikeFormula))
    this.stored = ctx.artifact(name, this.stream, 'text/csv; charset=utf-8')
    // Storage has failed and takes no more rows. A row that waits for room in the stream must not wait for ever.
    this.stored.catch((error: unknown) => this.failed.abort(error))
  }

  /**
   * Adds a row as it is: the caller passes cells through `unlikeFormula` where they need it. Returns a promise where it
   * has to wait for storage.
   */
  add(row: string[]): Promise<void> | undefined {
    this.rows.push(row)
    return this.rows.length >= BATCH ? this.flush() : undefined
  }

  /** Writes the rest. Resolves when storage has all of it. */
  async end(): Promise<void> {
    await this.flush()
    this.stream.end()
    await this.stored
  }

  /**
   * Gives the file up. What storage does not have whole yet is dropped. A file that it has goes with the attempt, which
   * must fail.
   */
  async abandon(reason: unknown): Promise<void> {
    this.stream.on('error', () => undefined).destroy(reason instanceof Error ? reason : new Error(String(reason)))
    await this.stored.catch(() => undefined)
  }

  private async flush(): Promise<void> {
    this.failed.signal.throwIfAborted()
    const text = stringify(this.rows, { record_delimiter: 'windows' })
    this.rows = []
    if (this.stream.write(text)) return
    await once(this.stream, 'drain', { signal: AbortSignal.any([this.ctx.signal, this.failed.signal]) }).catch(
      (error: unknown) => {
        // `once` rejects with an AbortError. The reason of the signal says more.
        this.ctx.signal.throwIfAborted()
        this.failed.signal.throwIfAborted()
        throw error
      },
    )
  }
}

/**
 * Text that a spreadsheet would run as a formula gets a ' in front, as in every CSV file that Jobyard writes. The last
 * four signs are + - = @ in full width.
 */
export const unlikeFormula = (text: string): string =>
  /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text
