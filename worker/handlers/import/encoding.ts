import iconv from 'iconv-lite'
import { PermanentError } from '@jobyard/handler'

/** What a file may be written in. Only the first three are recognized; the others have to be given. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'iso-8859-1',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'windows-1252',
] as const
export type Encoding = (typeof ENCODINGS)[number]

/** How files begin that are not text. */
const BINARY: readonly [begins: readonly number[], what: string][] = [
  [[0x1f, 0x8b], 'compressed (gzip): unpack it and upload the CSV file itself'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or an Excel workbook (xlsx): save the sheet as CSV and upload that'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an Excel workbook (xls): save the sheet as CSV and upload that'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF: upload the CSV file that it was made from'],
  [[0x42, 0x5a, 0x68], 'compressed (bzip2): unpack it and upload the CSV file itself'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed (xz): unpack it and upload the CSV file itself'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed (zstd): unpack it and upload the CSV file itself'],
  // It begins with the mark of UTF-16, so this list is asked before MARKS.
  [[0xff, 0xfe, 0x00, 0x00], 'in UTF-32: save it as UTF-8'],
  [[0x00, 0x00, 0xfe, 0xff], 'in UTF-32: save it as UTF-8'],
]
const MARKS: readonly [mark: readonly number[], encoding: Encoding][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
]

/**
 * What a file is written in, by its first bytes. Nothing is ever unpacked, so a small file cannot become a large one.
 * @throws PermanentError where it is not text, or begins with the mark of another encoding than the given one
 */
export function encodingOf(head: Uint8Array, given: Encoding | undefined): Encoding {
  const begins = (bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte)
  const binary = BINARY.find(([bytes]) => begins(bytes))
  if (binary) throw new PermanentError(`This is not a CSV file but ${binary[1]}.`)
  const marked = MARKS.find(([mark]) => begins(mark))?.[1]
  if (marked && given && marked !== given)
    throw new PermanentError(
      `The file begins with the mark of ${marked}, but the parameter encoding says ${given}. Leave encoding out.`,
    )
  const found = marked ?? given ?? byZeros(head)
  if (!found)
    throw new PermanentError('The file holds zero bytes and is not UTF-16: this is not a text file. Upload a CSV file.')
  return found
}

/** UTF-16 without a mark has a zero in every other byte, as long as most of its letters are Latin. Null: not text. */
function byZeros(head: Uint8Array): Encoding | null {
  const zeros: [even: number, odd: number] = [0, 0]
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[(i % 2) as 0 | 1]++
  const [even, odd] = zeros
  if (even + odd === 0) return 'utf-8'
  const halfOfThePairs = head.length / 2 / 2
  if (odd > halfOfThePairs && even === 0) return 'utf-16le'
  if (even > halfOfThePairs && odd === 0) return 'utf-16be'
  return null
}

/**
 * The text of a file, piece by piece, without its mark.
 * @throws PermanentError at bytes that are not UTF-8 or UTF-16 where that is the encoding, and at NUL characters, which
 *   no text has
 */
export async function* decoded(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = encoding.startsWith('utf-') ? strictDecoder(encoding) : iconv.getDecoder(encoding)
  let line = 1
  const check = (text: string): string => {
    const zero = text.indexOf('\0')
    if (zero >= 0)
      throw new PermanentError(
        `Line ${line + breaksIn(text.slice(0, zero))} holds a zero character: this is not a text file. Upload a CSV file.`,
      )
    line += breaksIn(text)
    return text
  }
  for await (const piece of bytes) {
    let text: string
    try {
      text = decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
    } catch {
      throw notIn(encoding, line + linesBeforeFault(piece, encoding))
    }
    if (text) yield check(text)
  }
  let rest: string | undefined
  try {
    rest = decoder.end()
  } catch {
    throw notIn(encoding, line)
  }
  if (rest) yield check(rest)
}

/** The beginning of a file as text, to recognize what is in it. It may end within a character. */
export const beginningOf = (head: Uint8Array, encoding: Encoding): string =>
  encoding.startsWith('utf-') ? new TextDecoder(encoding).decode(head) : iconv.decode(Buffer.from(head), encoding)

function strictDecoder(encoding: Encoding): { write(bytes: Buffer): string; end(): string | undefined } {
  const decoder = new TextDecoder(encoding, { fatal: true })
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
}

const notIn = (encoding: Encoding, line: number): PermanentError =>
  new PermanentError(
    `Near line ${line} the file is not ${encoding === 'utf-8' ? 'UTF-8' : encoding}. Save it as UTF-8, or give its encoding, such as windows-1252 (Latin-1, as Excel saves it in Western Europe).`,
  )

function linesBeforeFault(piece: Uint8Array, encoding: Encoding): number {
  const text = new TextDecoder(encoding).decode(piece)
  return breaksIn(text.slice(0, Math.max(0, text.indexOf('\ufffd'))))
}

const breaksIn = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
