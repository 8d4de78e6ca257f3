import { Readable } from 'node:stream'
import { CsvError, parse, type Options } from 'csv-parse'
import { PermanentError } from '@jobyard/handler'
import type { Separator } from './separator'

/** One row of a file. */
export interface Row {
  /** Where it begins, counted from 1. A row may go over several lines. */
  line: number
  cells: string[]
  /** As it came, without the line break at its end. */
  raw: string
}

/** Characters that one row may have. A quote that never closes would otherwise take the whole file into memory. */
export const MAX_ROW = 1024 * 1024

/**
 * The rows of a CSV file (RFC 4180; any line breaks, empty lines left out).
 * @throws PermanentError where quotes are wrong or a row is too long
 */
export async function* rowsOf(text: AsyncIterable<string>, separator: Separator): AsyncGenerator<Row> {
  const source = Readable.from(text)
  // Where the next row begins. It is counted while rows are parsed: a fault discards those that nobody has taken yet.
  let line = 1
  const options = {
    delimiter: separator,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
    raw: true,
    info: true,
    on_record({ record, raw }: { record: string[]; raw: string }): Row {
      // Empty lines before a row come with it.
      const [before = ''] = /^[\r\n]*/.exec(raw) ?? []
      const firstLine = line + breaksIn(before)
      const own = raw.slice(before.length)
      line = firstLine + Math.max(1, breaksIn(own))
      return { line: firstLine, cells: record, raw: own.replace(/(?:\r\n|\n|\r)$/, '') }
    },
  }
  // The types of the package do not know that a record comes with its text where `raw` is set.
  const parser = parse(options as unknown as Options)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    yield* parser as AsyncIterable<Row>
  } catch (error) {
    throw error instanceof CsvError ? wrongCsv(error, line) : error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** How many line breaks a text has. CR LF is one. */
function breaksIn(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0
}

function whyLong(error: CsvError): string {
  return String(error.raw).includes('"')
    ? 'A quote that opens in it probably never closes.'
    : 'There is no quote in it, so its line has no end where it should have one.'
}

function wrongCsv(error: CsvError, firstLine: number): PermanentError {
  switch (error.code) {
    case 'CSV_MAX_RECORD_SIZE':
      return new PermanentError(
        `The row that begins in line ${firstLine} has more than ${MAX_ROW.toLocaleString('en')} characters. ${whyLong(error)}`,
      )
    case 'CSV_QUOTE_NOT_CLOSED':
      return new PermanentError(
        `A quote that opens in the row of line ${firstLine} never closes: the file ends within it.`,
      )
    case 'CSV_INVALID_CLOSING_QUOTE':
      return new PermanentError(
        `In the row of line ${firstLine}, something stands between a closing quote and the separator. Write a quote within quotes twice.`,
      )
    case 'INVALID_OPENING_QUOTE':
      return new PermanentError(
        `In the row of line ${firstLine}, a quote stands in the middle of a cell. Put the whole cell in quotes, and write the quote twice.`,
      )
    default:
      return new PermanentError(`The row of line ${firstLine} is not CSV (${error.code}).`)
  }
}
