import type { Json } from '@/server/engine/domain/types'
import { UUID } from '@/server/engine/domain/uuid'
import { defineHandler, PermanentError, type HandlerContext, type UploadedFile, z } from '@jobyard/handler'
import { columnsOf, inOrderOf, listed, RowCheck, type Column } from './import/columns'
import { ENCODINGS, type Encoding } from './import/encoding'
import type { Row } from './import/rows'
import { SEPARATORS } from './import/separator'

const schema = z.strictObject({
  uploadId: z.uuid(),
  /** For the title of the job. */
  fileName: z.string().max(255).optional(),
  columns: z.record(z.string(), z.json()).refine((columns) => Object.keys(columns).length > 0, 'must name a column'),
  /** The columns from left to right, for a file without a header. */
  order: z.array(z.string()).optional(),
  separator: z.enum(SEPARATORS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  header: z.boolean().default(true),
})
type Parameters = z.output<typeof schema>

/** Bytes by which encoding and separator are recognized. */
const HEAD_BYTES = 64 * 1024
/** After so many rows the signal is looked at and progress is reported. */
const LOOK = 1_000

/**
 * Checks each row of an uploaded CSV file against a JSON Schema for each column (rule 4.36). The accepted rows and the
 * refused ones become two files, which appear when the job completes: nothing is half imported. Memory stays the same
 * however many rows there are.
 */
export default defineHandler({
  key: 'import.csv',
  isolated: true,
  schema,
  jobType: {
    displayName: 'CSV import',
    description:
      'Checks each row of an uploaded CSV file, and keeps the accepted rows and the refused ones as files of their own.',
    title: 'CSV import {fileName}',
    timeoutSeconds: 3600,
    maxRetries: 2,
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['uploadId', 'columns'],
      properties: {
        uploadId: {
          type: 'string',
          pattern: UUID.source,
          'x-jobyard-upload': true,
          title: 'File',
          description: 'A CSV file with a line for each row. Its first line names the columns.',
        },
        fileName: {
          type: 'string',
          maxLength: 255,
          'x-jobyard-file-name': true,
          title: 'Name of the file',
          description: 'For the title of the job.',
        },
        columns: {
          type: 'object',
          'x-jobyard-columns': true,
          minProperties: 1,
          maxProperties: 1_000,
          additionalProperties: { type: ['object', 'boolean'] },
          title: 'Columns',
          description:
            'What the cells of each column are. As JSON: the name of each column, and a JSON Schema for its cells.',
          examples: [{ email: { type: 'string', format: 'email' }, age: { type: ['integer', 'null'], minimum: 0 } }],
        },
        separator: {
          type: 'string',
          enum: [',', ';', '\t', '|'],
          title: 'Separator',
          description: 'What stands between two cells. Empty: it is recognized.',
        },
        encoding: {
          type: 'string',
          enum: [
            'utf-8',
            'utf-16le',
            'utf-16be',
            'iso-8859-1',
            'iso-8859-15',
            'windows-1250',
            'windows-1251',
            'windows-1252',
          ],
          title: 'Encoding',
          description: 'Empty: UTF-8 and UTF-16 are recognized. Excel in Western Europe saves CSV as windows-1252.',
        },
        header: {
          type: 'boolean',
          default: true,
          title: 'The first line names the columns',
        },
        order: {
          type: 'array',
          minItems: 1,
          maxItems: 1_000,
          uniqueItems: true,
          items: { type: 'string' },
          title: 'Order of the columns',
          description: 'Only for a file without such a line: the names from left to right.',
        },
      },
    },
  },
  async run(parameters, ctx) {
    const known = columnsOf(parameters.columns as { [name: string]: Json })
    const upload = await ctx.upload(parameters.uploadId)
    ctx.signal.throwIfAborted()
    const file = await openCsv(upload, parameters, [...known.keys()], ctx)
    return importRows(file, known, parameters, ctx)
  },
})

interface CsvFile {
  rows: AsyncIterable<Row>
  /** Bytes that have been read so far. */
  read: () => number
  size: number
}

/** Recognizes what the file is, and begins to read it. The libraries are loaded here, not with the catalogue. */
async function openCsv(
  upload: UploadedFile,
  { encoding: given, separator, header }: Parameters,
  names: readonly string[],
  ctx: HandlerContext,
): Promise<CsvFile> {
  const [{ beginningOf, decoded, encodingOf }, { separatorOf }, { rowsOf }] = await Promise.all([
    import('./import/encoding'),
    import('./import/separator'),
    import('./import/rows'),
  ])
  const head = await headOf(upload)
  if (head.byteLength === 0) throw new PermanentError('The file is empty.')
  const encoding: Encoding = encodingOf(head, given)
  let separates = separator
  if (!separates) {
    const whole = head.byteLength === upload.size
    separates = separatorOf(beginningOf(head, encoding), { names, header, whole })
  }
  ctx.log.info(
    `${upload.name ?? 'The file'}: ${upload.size.toLocaleString('en')} bytes, ${encoding}, separated by ${JSON.stringify(separates)}`,
  )
  let read = 0
  async function* bytes() {
    const stream = upload.read()
    const stop = () => stream.destroy(ctx.signal.reason as Error)
    ctx.signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const chunk of stream) {
        ctx.signal.throwIfAborted()
        read += (chunk as Uint8Array).byteLength
        yield chunk as Uint8Array
      }
    } finally {
      ctx.signal.removeEventListener('abort', stop)
      stream.destroy()
    }
  }
  return { rows: rowsOf(decoded(bytes(), encoding), separates), read: () => read, size: upload.size }
}

async function importRows(
  { rows, read, size }: CsvFile,
  known: ReadonlyMap<string, Column>,
  { header, order }: Parameters,
  ctx: HandlerContext,
): Promise<{ rows: number; accepted: number; refused: number }> {
  const { CsvArtifact, unlikeFormula } = await import('./import/output')
  const counts = { rows: 0, accepted: 0, refused: 0 }
  const iterator = rows[Symbol.asyncIterator]()
  let accepted: InstanceType<typeof CsvArtifact> | undefined
  let refused: InstanceType<typeof CsvArtifact> | undefined
  try {
    const columns = header ? await headerOf(iterator, known) : inOrderGiven(order, known)
    accepted = new CsvArtifact(
      'accepted.csv',
      columns.map(({ name }) => name),
      ctx,
    )
    refused = new CsvArtifact('refused.csv', ['line', 'column', 'reason', 'row'], ctx)
    const check = new RowCheck(columns)
    const numbers: boolean[] = []
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const { line, cells, raw } = next.value
      const problem = check.problemIn(cells, numbers)
      // A number may begin with a minus: it is no formula.
      const wait = problem
        ? refused.add([String(line), ...[problem.column, problem.reason, raw].map(unlikeFormula)])
        : accepted.add(cells.map((cell, i) => (numbers[i] ? cell : unlikeFormula(cell))))
      if (wait) await wait
      counts.rows++
      counts[problem ? 'refused' : 'accepted']++
      if (counts.rows % LOOK === 0) {
        ctx.signal.throwIfAborted()
        ctx.progress(Math.min(99, (100 * read()) / size), `${counts.rows.toLocaleString('en')} rows`)
      }
    }
    await accepted.end()
    await refused.end()
  } catch (error) {
    await Promise.all([accepted?.abandon(error), refused?.abandon(error), iterator.return?.()])
    ctx.signal.throwIfAborted()
    throw error
  }
  ctx.log.info(
    `${counts.rows.toLocaleString('en')} rows: ${counts.accepted.toLocaleString('en')} accepted, ${counts.refused.toLocaleString('en')} refused`,
  )
  return counts
}

async function headerOf(rows: AsyncIterator<Row>, known: ReadonlyMap<string, Column>) {
  const first = await rows.next()
  if (first.done) throw new PermanentError('The file is empty: it has not even a line with the names of its columns.')
  return inOrderOf((first.value as { cells: string[] }).cells, known)
}

/** JSON does not keep the order of names, so it has to be given where the file does not say it. */
function inOrderGiven(order: readonly string[] | undefined, known: ReadonlyMap<string, Column>): Column[] {
  const names = order ?? (known.size === 1 ? [...known.keys()] : [])
  const fits =
    names.length === known.size && new Set(names).size === names.length && names.every((name) => known.has(name))
  if (!fits)
    throw new PermanentError(
      `A file without a header needs the parameter order: the names ${listed([...known.keys()])} from left to right, each once.`,
    )
  return names.map((name) => known.get(name)!)
}

async function headOf(upload: UploadedFile): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of upload.read()) {
    pieces.push(piece as Uint8Array)
    size += (piece as Uint8Array).byteLength
    if (size >= HEAD_BYTES) break
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES)
}
