import { afterAll } from 'vitest'
import { createDb, type Db } from '@/server/db'
import { createTestDatabase, type TestDatabase } from './database'

/**
 * Makes a migrated, empty database and its client for the test file whose top level calls this. Both are removed when
 * the tests are over.
 */
export async function openDatabase(
  options?: Parameters<typeof createDb>[1],
): Promise<{ database: TestDatabase; db: Db }> {
  const database = await createTestDatabase()
  const db = createDb(database.url, options)
  afterAll(async () => {
    await db.$disconnect()
    await database.drop()
  })
  return { database, db }
}
