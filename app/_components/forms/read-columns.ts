import { guessType, type ColumnType } from './column-types'

/** A column of a CSV file, by its first line and what stands below. */
export interface FoundColumn {
  name: string
  type: ColumnType
}

/** Bytes that are read from the beginning of a file. */
const HEAD_BYTES = 64 * 1024
/** Lines that decide about the types. */
const LINES = 200
/** A first line with more columns than this is not taken for the names of columns. */
const MOST_COLUMNS = 1_000
const SEPARATORS = [',', ';', '\t', '|']

/** The columns that the first line of a CSV file names. Null where the file does not look like CSV. */
export async function readColumns(file: Blob): Promise<FoundColumn[] | null> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const text = textOf(head)
  // No text has the character zero. The job that imports the file says what is wrong with it.
  if (text === null || text.includes('\0')) return null
  // The last line may have been cut where the head ends.
  const sample = head.length < file.size ? text.slice(0, text.lastIndexOf('\n') + 1) : text
  // The library is loaded when somebody chooses a file.
  const { parse } = await import('csv-parse/browser/esm/sync')
  /** The lines up to the line `to`, as lists of cells. */
  const linesOf = (delimiter: string, to: number): string[][] => {
    try {
      return parse(sample, { delimiter, to, relax_column_count: true, skip_empty_lines: true, relax_quotes: true })
    } catch {
      // A quote further down may never close. The import tells that. The first line can be read all the same.
      return to > 1 ? linesOf(delimiter, 1) : []
    }
  }
  const tables = SEPARATORS.map((delimiter) => linesOf(delimiter, LINES))
  // The right separator is the one that finds the most columns.
  const lines = tables.reduce((best, table) => ((table[0]?.length ?? 0) > (best[0]?.length ?? 0) ? table : best), [])
  const [names, ...rows] = lines
  if (!names || names.length > MOST_COLUMNS) return null
  return names
    .map((name, i) => ({ name: name.trim(), type: guessType(rows.map((row) => row[i] ?? '')) }))
    .filter(({ name }) => name !== '')
}

/**
 * The beginning of a file as text. Null where it is no text. A file may begin with a mark for UTF-16. Without one,
 * zeros tell UTF-16: of the two bytes of a European letter one is zero, in one file always the first or always the
 * second. Text without zeros that is not UTF-8 is read as that of an old Windows program.
 */
function textOf(head: Uint8Array): string | null {
  // The zeros at even and at odd places.
  const zeros = [0, 0]
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2]!++
  const [even = 0, odd = 0] = zeros
  if (head[0] === 0xff && head[1] === 0xfe) return decode(head, 'utf-16le')
  if (head[0] === 0xfe && head[1] === 0xff) return decode(head, 'utf-16be')
  if (even + odd > 0) {
    // Half of the zeros that a text of such letters alone would have.
    const many = head.length / 4
    if (even > many === odd > many) return null
    return decode(head, odd > many ? 'utf-16le' : 'utf-16be')
  }
  return decode(head, 'utf-8') ?? decode(head, 'windows-1252')
}

/** The head may end within a character, so the decoder expects more. */
function decode(head: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true })
  } catch {
    return null
  }
}
