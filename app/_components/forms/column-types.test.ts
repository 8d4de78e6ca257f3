import { expect, it } from 'vitest'
import { choiceOf, COLUMN_TYPES, guessType, schemaOfColumn, type ColumnType } from './column-types'
import { readColumns } from './read-columns'

it('what is chosen for a column is read back from its schema', () => {
  for (const type of Object.keys(COLUMN_TYPES) as ColumnType[])
    for (const required of [true, false])
      expect(choiceOf(schemaOfColumn({ type, required }))).toEqual({ type, required })
  expect(choiceOf({})).toEqual({ type: 'text', required: false })
  expect(choiceOf({ type: 'integer', minimum: 0 })).toBeNull()
  expect(choiceOf(true)).toBeNull()
})

it('the type of a column is guessed by its cells, and numbers that begin with a zero are text', () => {
  expect(guessType(['1', ' 20 ', '', '-3'])).toBe('integer')
  expect(guessType(['1', '2.50'])).toBe('number')
  expect(guessType(['true', 'false', ''])).toBe('boolean')
  expect(guessType(['2026-11-30'])).toBe('date')
  expect(guessType(['01067', '10115'])).toBe('text')
  expect(guessType(['12345678901234567890'])).toBe('text')
  expect(guessType(['', ''])).toBe('text')
})

const columns = async (...parts: (string | number[] | Uint8Array<ArrayBuffer>)[]) =>
  (await readColumns(new Blob(parts.map((part) => (Array.isArray(part) ? Uint8Array.from(part) : part)))))?.map(
    ({ name, type }) => `${name}: ${type}`,
  ) ?? null
const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'))

it('the columns of a CSV file are read from its first line, with each of the four separators, in UTF-8, UTF-16 and Latin-1', async () => {
  const expected = ['name: text', 'age: integer']
  expect(await columns('name,age\nAda,36\n')).toEqual(expected)
  expect(await columns('name;age\r\n"Lovelace; Ada";36')).toEqual(expected)
  expect(await columns('name\tage\nAda\t36\n')).toEqual(expected)
  // A file may begin with a mark that names its encoding: UTF-8, or UTF-16 with the low byte first.
  expect(await columns([0xef, 0xbb, 0xbf], 'name|age\nAda|36\n')).toEqual(expected)
  expect(await columns([0xff, 0xfe], utf16('name,age\nAda,36\n'))).toEqual(expected)
  expect(await columns(utf16('name,age\nAda,36\n'))).toEqual(expected)
  // Latin-1: the u with dots is no UTF-8.
  expect(await columns([0x4d, 0xfc, 0x6c, 0x6c], ',age\nAda,36\n')).toEqual(['Müll: text', 'age: integer'])
})

it('a large file is judged by its beginning, whose last line may be cut', async () => {
  // Some 190 kB, of which 64 KiB are read.
  const rows = Array.from({ length: 20_000 }, (_, n) => `Ada,${n}\n`).join('')
  expect(await columns('name,age\n', rows)).toEqual(['name: text', 'age: integer'])
})

it('a file that is no text has no columns, and a quote that never closes does no harm', async () => {
  // The beginning of a ZIP file, and bytes that are no text.
  expect(await columns([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1, 2, 0, 0])).toBeNull()
  expect(await columns([0, 1, 2, 3, 0, 0, 255, 254, 1, 1, 0, 0, 0, 9])).toBeNull()
  expect(await columns('')).toBeNull()
  expect(await columns('name,age\n"Ada,36\nBob,1\n')).toEqual(['name: text', 'age: text'])
})
