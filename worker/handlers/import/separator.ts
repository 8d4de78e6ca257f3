import { parse } from 'csv-parse/sync'
import { PermanentError } from '@jobyard/handler'

// Finds out which character separates the cells of a CSV file.

export const SEPARATORS = [',', ';', '\t', '|'] as const
export type Separator = (typeof SEPARATORS)[number]

/** How many lines decide about the separator of a file without a header. */
const LINES = 10

/**
 * Finds the separator of a file by its first lines. With a header, it is the one by which the first line names the columns
 * that are asked for. Without a header, it is the one by which every line has as many cells as there are columns.
 *
 * @param text the beginning of the file, or all of it where `whole` is true
 * @param names the columns that are asked for
 * @throws PermanentError where that leaves more than one, or none
 */
export function separatorOf(
  text: string,
  { names, header, whole }: { names: readonly string[]; header: boolean; whole: boolean },
): Separator {
  const wanted = new Set(names)
  const scored = SEPARATORS.map((separator) => {
    const lines = firstLines(text, separator, { header, whole })
    const first = lines[0] ?? []
    const score = header
      ? first.filter((name) => wanted.has(name.trim())).length
      : Number(lines.length > 0 && lines.every((cells) => cells.length === names.length))
    return { separator, score, cells: first.length }
  })
  const best = Math.max(...scored.map(({ score }) => score))
  const found = scored.filter(({ score }) => score === best)
  // With any of them, the first line is compared with the names of the columns afterwards. Where it does not fit, the
  // separator that gives the most cells makes the clearest refusal.
  if (header) return found.reduce((most, one) => (one.cells > most.cells ? one : most)).separator
  // With a single column, any separator that does not occur in the file gives the same rows.
  if (best > 0 && (found.length === 1 || names.length === 1)) return found[0]!.separator
  throw new PermanentError(
    'The separator of the columns cannot be recognized. Give it as the parameter separator: a comma, a semicolon, a tab or |.',
  )
}

function firstLines(
  text: string,
  delimiter: Separator,
  { header, whole }: { header: boolean; whole: boolean },
): string[][] {
  // The last line may have been cut where the beginning ends. A text without a line feed is taken as it is.
  const sample = whole ? text : text.slice(0, text.lastIndexOf('\n') + 1 || text.length)
  try {
    return parse(sample, { delimiter, to: header ? 1 : LINES, relax_column_count: true, skip_empty_lines: true })
  } catch {
    return []
  }
}
