import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import type { Json } from '@/server/engine/domain/types'
import importCsv from './import.csv'
import { recordingContext } from '@/worker/handler/recording'

const COLUMNS: { [name: string]: Json } = {
  name: { type: 'string', minLength: 1 },
  age: { type: ['integer', 'null'], minimum: 0 },
}
const GOOD = 'name,age\nAda,36\nBob,\n'

async function imported(file: string | Uint8Array, given: { [name: string]: unknown } = {}) {
  const uploadId = randomUUID()
  const bytes = Buffer.from(file)
  const recording = recordingContext({
    uploads: {
      [uploadId]: {
        id: uploadId,
        name: 'people.csv',
        contentType: 'text/csv',
        size: bytes.length,
        read: (start = 0) => Readable.from(pieces(bytes.subarray(start)), { objectMode: false }),
      },
    },
  })
  const result = await importCsv.run(importCsv.schema.parse({ uploadId, columns: COLUMNS, ...given }), recording.ctx)
  const rows = (name: string) => parse(recording.files.get(name)!.bytes) as string[][]
  return { ...recording, result, accepted: () => rows('accepted.csv'), refused: () => rows('refused.csv').slice(1) }
}

/** Small pieces end in the middle of characters and rows. A large file comes in larger ones, to save time. */
function* pieces(bytes: Buffer) {
  const step = bytes.length > 10_000 ? 4_099 : 7
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

const refusedWith = async (file: string | Uint8Array, given: { [name: string]: unknown } = {}): Promise<string> => {
  const error: unknown = await imported(file, given).then(
    ({ result }) => result,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'PermanentError' })
  return (error as Error).message
}

test('accepted rows and refused rows become two files, the refused ones with line, column, reason and the text of the row', async () => {
  const file =
    'age,name\r\n36,"Lovelace, ""Ada"""\r\n-1,Bob\r\n\r\nx,\r\n12\r\n"7","two\r\nlines"\r\n8,"still\r\nrefused",extra\r\n'
  const { result, accepted, refused } = await imported(file)
  expect(result).toEqual({ rows: 6, accepted: 2, refused: 4 })
  expect(accepted()).toEqual([
    ['age', 'name'],
    ['36', 'Lovelace, "Ada"'],
    ['7', 'two\r\nlines'],
  ])
  expect(refused()).toEqual([
    // A spreadsheet would run "-1,Bob" as a formula, so it begins with an apostrophe.
    ['3', 'age', 'must be at least 0 (is -1)', "'-1,Bob"],
    ['5', 'age', 'must be a whole number such as 12 or empty, not "x"; also name must not be empty', 'x,'],
    ['6', '', 'has 1 cell, and the file has 2 columns', '12'],
    ['9', '', 'has 3 cells, and the file has 2 columns', '8,"still\r\nrefused",extra'],
  ])
})

test.each([
  ['UTF-8', Buffer.from(GOOD.replace('Ada', 'Ädä €'))],
  ['UTF-8 with a mark', Buffer.from('\ufeff' + GOOD.replace('Ada', 'Ädä €'))],
  ['UTF-16 LE with a mark', iconv.encode(GOOD.replace('Ada', 'Ädä €'), 'utf-16le', { addBOM: true })],
  ['UTF-16 BE with a mark', iconv.encode(GOOD.replace('Ada', 'Ädä €'), 'utf-16be', { addBOM: true })],
  ['UTF-16 LE without a mark', iconv.encode(GOOD.replace('Ada', 'Ädä é'), 'utf-16le')],
  ['UTF-16 BE without a mark', iconv.encode(GOOD.replace('Ada', 'Ädä é'), 'utf-16be')],
])('a file in %s is recognized', async (_, bytes) => {
  const { result, accepted } = await imported(bytes)
  expect(result).toEqual({ rows: 2, accepted: 2, refused: 0 })
  expect(accepted()[1]![0]).toMatch(/^Ädä [€é]$/)
  expect(accepted()[2]).toEqual(['Bob', ''])
})

test('a file in Latin-1 is refused with a hint to the parameter encoding, and is read when that parameter is given', async () => {
  const latin = iconv.encode('name,age\nAda,1\nMüller,2\n', 'iso-8859-1')
  expect(await refusedWith(latin)).toMatch(/^Near line 3 the file is not UTF-8\..*windows-1252/)
  expect((await imported(latin, { encoding: 'iso-8859-1' })).accepted()[2]).toEqual(['Müller', '2'])
  const windows = iconv.encode('name,age\n5 €,2\n', 'windows-1252')
  expect((await imported(windows, { encoding: 'windows-1252' })).accepted()[1]).toEqual(['5 €', '2'])
  expect(await refusedWith('\ufeff' + GOOD, { encoding: 'windows-1252' })).toMatch(/begins with the mark of utf-8/)
})

test.each([',', ';', '\t', '|'])('the separator %j is recognized by the names of the columns', async (separator) => {
  const file = `name${separator}age\n"a,b;c|d"${separator}1`
  expect((await imported(file)).accepted()[1]).toEqual(['a,b;c|d', '1'])
})

test('a file without a header is read in the order that the parameter order gives, and is refused without it', async () => {
  const file = '36;Ada\n;Bob\n'
  const { result, accepted } = await imported(file, { header: false, order: ['age', 'name'] })
  expect(result).toEqual({ rows: 2, accepted: 2, refused: 0 })
  expect(accepted()).toEqual([
    ['age', 'name'],
    ['36', 'Ada'],
    ['', 'Bob'],
  ])
  expect(await refusedWith(file, { header: false, separator: ';' })).toMatch(/needs the parameter order/)
  expect(await refusedWith(file, { header: false, separator: ';', order: ['age', 'age'] })).toMatch(/each once/)
  expect(await refusedWith('a;b,c\n', { header: false, order: ['age', 'name'] })).toMatch(/separator/)
  // A single column needs no order.
  const one = await imported('x\ny\n', { header: false, columns: { only: {} } })
  expect(one.result).toEqual({ rows: 2, accepted: 2, refused: 0 })
})

test.each([
  ['name\nAda\n', /it lacks "age"/],
  ['name,age,more\nAda,1,2\n', /it has "more", which the parameter columns does not name/],
  ['name,age,age\nAda,1,2\n', /it has "age" twice/],
  ['name,age,\nAda,1,2\n', /it has a column without a name/],
  ['foo\tbar\n1\t2\n', /it lacks "name", "age"; it has "foo", "bar"/],
])('a file whose columns do not fit ends the import: %j', async (file, reason) => {
  expect(await refusedWith(file)).toMatch(reason)
})

test.each<[string, Uint8Array, RegExp]>([
  // It would unpack to 50 MB.
  ['gzip', gzipSync(Buffer.alloc(50_000_000)), /gzip/],
  ['a ZIP archive or an Excel workbook', Buffer.from('504b0304140000', 'hex'), /xlsx/],
  ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /xls/],
  ['a PDF', Buffer.from('%PDF-1.7'), /PDF/],
  ['text with a NUL byte', Buffer.from('name,age\nA\0a,1\n'), /zero bytes/],
  [
    'text with a NUL byte far below its beginning',
    Buffer.concat([Buffer.from(GOOD + 'Ada,1\n'.repeat(20_000)), Buffer.from('A\0,1\n')]),
    /Line 20004 holds a zero character/,
  ],
  ['empty', Buffer.alloc(0), /empty/],
  ['only a byte order mark', Buffer.from('\ufeff'), /empty/],
])('a file that is %s ends the import', async (_, bytes, reason) => {
  expect(await refusedWith(bytes)).toMatch(reason)
})

test('a line without an end ends the import, and is not blamed on a quote', async () => {
  expect(await refusedWith('name,age\nAda,1\n' + 'x'.repeat(3 * 1024 * 1024))).toMatch(
    /The row that begins in line 3 has more than 1,048,576 characters\. There is no quote in it/,
  )
})

test('a quote that never closes, or that stands in a wrong place, ends the import', async () => {
  expect(await refusedWith('name,age\nAda,1\n"Bob,2\nEve,3\n')).toMatch(
    /A quote that opens in the row of line 3 never closes/,
  )
  const endless = 'name,age\nAda,1\n"Bob,2\n' + 'Eve,3\n'.repeat(400_000)
  expect(await refusedWith(endless)).toMatch(
    /The row that begins in line 3 has more than 1,048,576 characters\. A quote that opens in it probably never closes/,
  )
  expect(await refusedWith('name,age\nA"d"a,1\n')).toMatch(
    /In the row of line 2, a quote stands in the middle of a cell/,
  )
  expect(await refusedWith('name,age\n"Ada"x,1\n')).toMatch(
    /In the row of line 2, something stands between a closing quote and the separator/,
  )
})

describe('which cells a column accepts', () => {
  const cases: [schema: Json, text: string, reason: RegExp | null][] = [
    [{ type: 'integer' }, '12', null],
    [{ type: 'integer' }, '-0', null],
    [{ type: 'integer' }, '1.0', null],
    [{ type: 'integer' }, '1e3', null],
    [{ type: 'integer' }, '1.5', /must be a whole number, not 1.5/],
    [{ type: 'integer' }, '9007199254740992', null],
    [{ type: 'integer' }, '9007199254740993', /cannot be kept exactly .* make the column a string/],
    [{ type: 'number' }, '1e400', /beyond the range of a double/],
    [{ type: 'number' }, '0.1', null],
    [{ type: 'number' }, '007', /must be a number such as 12.5, not "007"/],
    [{ type: 'number' }, '+1', /not "\+1"/],
    [{ type: 'number' }, ' 1', /not " 1"/],
    [{ type: 'number' }, '1,5', /not "1,5"/],
    [{ type: 'number' }, '', /is empty; it must be a number/],
    [{ type: ['number', 'null'] }, '', null],
    [{ type: ['number', 'string'] }, '9007199254740993', null],
    [{ type: 'boolean' }, 'TRUE', null],
    [{ type: 'boolean' }, '1', /must be true or false, not "1"/],
    [{ type: 'null' }, 'x', /must be empty/],
    [{ type: 'string' }, '', null],
    [{ type: ['string', 'null'], minLength: 1 }, '', null],
    [{ type: 'string', minLength: 1 }, '', /must not be empty/],
    [{ enum: [1, 2] }, '2', null],
    [{ enum: [1, 2] }, '3', /must be one of 1, 2/],
    [{ type: 'string', format: 'email' }, 'nobody', /must be an email address/],
    [true, 'anything', null],
  ]
  test.each(cases)(
    'a column with the schema %j takes the cell "%s", or refuses its row with the reason',
    async (schema, text, reason) => {
      const cell = `"${text}"`
      const { refused } = await imported(`key,v\nx,${cell}\n`, { columns: { key: {}, v: schema } })
      if (reason === null) expect(refused()).toEqual([])
      else expect(refused()).toEqual([['2', 'v', expect.stringMatching(reason), expect.anything()]])
    },
  )
})

test('cells that a spreadsheet would run are escaped, and negative numbers are not', async () => {
  const { accepted, refused } = await imported('name,age\n=1+1,3\n@x,-1\n-y,4\n', {
    columns: { name: { type: 'string' }, age: { type: 'integer' } },
  })
  expect(accepted().slice(1)).toEqual([
    ["'=1+1", '3'],
    ["'@x", '-1'],
    ["'-y", '4'],
  ])
  expect(refused()).toEqual([])
})

test.each<[Json, RegExp]>([
  [{ type: 'array' }, /array is none/],
  [{ type: 'integer', minimum: 'x' }, /columns.v.minimum must be a number/],
  [{ $ref: 'https://example.com/x' }, /must stay within this schema/],
  [{ type: 'string', format: 'emial' }, /perhaps "email" was meant/],
  [false, /JSON Schema/],
])(
  'a column schema that is wrong, or that no cell could fit, ends the import with the reason: %j',
  async (schema, reason) => {
    expect(await refusedWith('v\n1\n', { columns: { v: schema } })).toMatch(reason)
  },
)

test('a cancel ends the import in the middle of a large file, and gives up both files', async () => {
  const uploadId = randomUUID()
  let sent = 0
  const endless = async function* () {
    yield Buffer.from('name,age\n')
    for (; ; sent++) {
      await new Promise((resolve) => setImmediate(resolve))
      yield Buffer.from('Ada,1\n'.repeat(1_000))
    }
  }
  const recording = recordingContext({
    uploads: {
      [uploadId]: {
        id: uploadId,
        name: null,
        contentType: 'text/csv',
        size: 1e12,
        read: () => Readable.from(endless(), { objectMode: false }),
      },
    },
  })
  const run = importCsv.run(importCsv.schema.parse({ uploadId, columns: COLUMNS }), recording.ctx)
  const watch = setInterval(() => recording.progress.length > 2 && recording.cancel(new Error('canceled')), 5)
  await expect(run.finally(() => clearInterval(watch))).rejects.toThrow('canceled')
  expect(sent).toBeGreaterThan(2)
  expect([...recording.files.keys()]).toEqual([])
})
