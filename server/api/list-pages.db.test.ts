import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { data, openApi } from '@/testing/api'

// What lists leave out, and where their pages end, measured in bytes.

const { services, world, api, close } = await openApi()
afterAll(close)

const viewer = { key: world.keys['acme.VIEWER']! }
const operator = { key: world.keys['acme.OPERATOR']! }
const MIB = 1024 * 1024
/** A text that PostgreSQL cannot store in less space. */
const noise = (bytes: number) =>
  randomBytes(Math.ceil((bytes * 3) / 4))
    .toString('base64')
    .slice(0, bytes)
const submit = async (parameters: object): Promise<string> =>
  (
    await data(
      api.mutate(
        'jobs.submit',
        { organizationId: world.acme, jobType: 'test.noop', dedupe: false, parameters },
        operator,
      ),
    )
  ).id as string
const setResult = (jobId: string, result: object) => services.db.jobResult.create({ data: { jobId, result } })

interface Listed {
  id: string
  parameters: unknown
  result: unknown
  truncated: string[]
}
const list = (input: object) =>
  data(api.query('jobs.list', { organizationId: world.acme, ...input }, viewer)) as Promise<{
    items: Listed[]
    nextCursor: string | null
  }>

/** Reads every page of a list. */
async function pages<T>(
  read: (cursor: string | null) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[][]> {
  const all: T[][] = []
  let cursor: string | null = null
  do {
    const page: { items: T[]; nextCursor: string | null } = await read(cursor)
    all.push(page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return all
}

it('the answers to a batch are together at most as large as a page: a later call is refused, but alone it is answered', async () => {
  // Ten of these jobs, which is one answer, take 2 MB. Two such answers are just below the 4 MiB of a page.
  for (let n = 0; n < 14; n++) await submit({ n, text: noise(200_000) })
  const input = { organizationId: world.acme, limit: 10, include: ['parameters'] }
  const inputs = encodeURIComponent(JSON.stringify(Object.fromEntries(Array(20).fill(input).entries())))
  const { text } = await api.send(`${Array(20).fill('jobs.list').join(',')}?batch=1&input=${inputs}`, {}, viewer)
  const answers = JSON.parse(text) as { result?: object; error?: { data: { reason: string } } }[]
  const answered = answers.filter(({ result }) => result)
  expect(answered).toHaveLength(2)
  // What stands around the data of each answer comes on top.
  expect(JSON.stringify(answered).length).toBeLessThan(4 * MIB + 1_000)
  const refused = answers.filter(({ result }) => !result)
  expect(new Set(refused.map(({ error }) => error?.data.reason))).toEqual(new Set(['TOO_LARGE']))
  expect((await list(input)).items).toHaveLength(10)
})

describe('a list of jobs', () => {
  it('a list of jobs leaves out parameters and results above 2 KiB and names them, unless it is asked to include them', async () => {
    const filled = (bytes: number) => ({
      text: 'é'.repeat(10) + 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify({ text: 'é'.repeat(10) }))),
    })
    const cases: [object, object, string[]][] = [
      [filled(2048), filled(2048), []],
      [filled(2049), {}, ['parameters']],
      [{}, filled(2049), ['result']],
      // Below 2 KiB as JSON. PostgreSQL's own text of it is longer, because that has a blank after each comma.
      [{ numbers: Array.from({ length: 1_015 }, () => 1) }, { spaced: Array.from({ length: 1_015 }, () => 0) }, []],
      [filled(200_000), { noise: noise(200_000) }, ['parameters', 'result']],
    ]
    const ids: string[] = []
    for (const [parameters, result] of cases) {
      const id = await submit(parameters)
      await setResult(id, result)
      ids.unshift(id)
    }
    const { items } = await list({ limit: cases.length })
    expect(items.map(({ id }) => id)).toEqual(ids)
    for (const [index, [parameters, result, truncated]] of cases.toReversed().entries()) {
      expect(items[index]).toMatchObject({
        truncated,
        parameters: truncated.includes('parameters') ? null : parameters,
        result: truncated.includes('result') ? null : result,
      })
    }
    for (const include of [['parameters'], ['result'], ['parameters', 'result']]) {
      const [job] = (await list({ limit: 1, include })).items
      const [parameters, result] = cases.at(-1)!
      expect(job).toMatchObject({
        parameters: include.includes('parameters') ? parameters : null,
        result: include.includes('result') ? result : null,
      })
      expect([...job!.truncated, ...include].sort()).toEqual(['parameters', 'result'])
    }
    expect(await data(api.query('jobs.get', { jobId: ids[0] }, viewer))).not.toHaveProperty('truncated')
    expect((await api.query('jobs.list', { include: ['artifacts'] }, viewer)).error.data.reason).toBe('INVALID_INPUT')
  })

  it('a list of jobs tells nothing about a withheld result, not even that it is large', async () => {
    const id = await submit({})
    await setResult(id, { text: 'x'.repeat(5_000) })
    await services.db.organization.update({ where: { id: world.acme }, data: { status: 'SUSPENDED' } })
    const [job] = (await list({ limit: 1 })).items
    const [whole] = (await list({ limit: 1, include: ['result'] })).items
    await services.db.organization.update({ where: { id: world.acme }, data: { status: 'ACTIVE' } })
    expect(job).toMatchObject({ id, result: null, withheld: true, truncated: [] })
    expect(whole).toMatchObject({ id, result: null, withheld: true, truncated: [] })
  })

  describe('a list of large jobs', () => {
    const ids: string[] = []
    beforeAll(async () => {
      for (let n = 0; n < 50; n++) ids.unshift(await submit({ n, noise: n % 2 ? noise(230_000) : 'x'.repeat(230_000) }))
    })

    it('a list of large jobs shows them all on one page without their values; with values, pages have at most 4 MiB, each job once', async () => {
      const without = await list({ limit: 50 })
      expect(without.items.map(({ id }) => id)).toEqual(ids)
      expect(Buffer.byteLength(JSON.stringify(without))).toBeLessThan(100_000)
      const full = await pages((cursor) => list({ limit: 50, include: ['parameters'], cursor }))
      expect(
        full
          .flat()
          .slice(0, 50)
          .map(({ id }) => id),
      ).toEqual(ids)
      for (const page of full) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(4 * MIB)
      expect(full[0]!.length).toBeGreaterThan(10)
    })
  })
})

describe('other lists end their pages before 4 MiB, too', () => {
  it('a list of log lines ends each page before 4 MiB and leaves no line out', async () => {
    const id = await submit({})
    await services.db.$executeRaw`INSERT INTO job_logs (job_id, line, attempt, level, message, at)
      SELECT ${id}::uuid, n, 1, 'INFO', repeat('ü', 8000), now() FROM generate_series(1, 1000) n`
    const read = await pages(
      (cursor) =>
        data(api.query('jobs.logs', { jobId: id, limit: 1000, cursor }, viewer)) as Promise<{
          items: { line: number }[]
          nextCursor: string | null
        }>,
    )
    expect(read.flat().map(({ line }) => line)).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1))
    expect(read.length).toBeGreaterThan(3)
    for (const page of read) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(4 * MIB)
  })

  it('a list of job types ends each page before 4 MiB and leaves none out', async () => {
    const parameterSchema = { description: noise(60_000) }
    for (let n = 0; n < 90; n++)
      await services.db.jobType.create({
        data: { name: `test.large-${n}`, displayName: 'x', handler: 'sample.noop', parameterSchema },
      })
    const read = await pages(
      (cursor) =>
        data(api.query('jobTypes.list', { organizationId: world.acme, limit: 100, cursor }, viewer)) as Promise<{
          items: { name: string }[]
          nextCursor: string | null
        }>,
    )
    expect(read.flat().filter(({ name }) => name.startsWith('test.large-'))).toHaveLength(90)
    expect(read.length).toBeGreaterThan(1)
    for (const page of read) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(4 * MIB)
  })
})
