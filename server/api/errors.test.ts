import { afterAll, expect, it } from 'vitest'
import { createDb } from '@/server/db'
import { shapeError } from './errors'

const db = createDb('postgresql://nobody@localhost/none?host=/nowhere/at/all')
afterAll(() => db.$disconnect())

it('a call says that the database does not answer where PostgreSQL has taken its Unix socket away', async () => {
  const error: unknown = await db.$queryRaw`SELECT 1`.catch((why: unknown) => why)
  expect(shapeError(error).data).toMatchObject({ reason: 'UNAVAILABLE', httpStatus: 503 })
})

it('a file of ours that is missing is a fault of the server, and not of the database', () => {
  const error = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' })
  expect(shapeError(error).data.reason).toBe('INTERNAL')
})
