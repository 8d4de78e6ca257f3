import type { DbOrTx } from '@/server/db'
import { schemaState, type SchemaState } from '../domain/schema-state.mjs'
import { sqlState } from './transaction'

/**
 * How this database's migrations stand to those that this version brings. A migration is called expanding where the
 * version before still works with it.
 *
 * @param own names of the migrations that this version brings
 */
export async function readSchemaState(db: DbOrTx, own: readonly string[]): Promise<SchemaState> {
  try {
    const rows = await db.$queryRaw<{ name: string; expanding: boolean }[]>`
      SELECT m.migration_name AS name, e.name IS NOT NULL AS expanding
      FROM _prisma_migrations m LEFT JOIN expanding_migrations e ON e.name = m.migration_name
      WHERE m.finished_at IS NOT NULL AND m.rolled_back_at IS NULL`
    return schemaState({
      own,
      applied: rows.map(({ name }) => name),
      expanding: rows.filter(({ expanding }) => expanding).map(({ name }) => name),
    })
  } catch (error) {
    // 42P01: no such table. The database is empty, or older than the table of expanding migrations.
    if (sqlState(error) !== '42P01') throw error
    return schemaState({ own, applied: await namesAlone(db), expanding: [] })
  }
}

async function namesAlone(db: DbOrTx): Promise<string[]> {
  try {
    const rows = await db.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
    return rows.map(({ name }) => name)
  } catch (error) {
    if (sqlState(error) !== '42P01') throw error
    return []
  }
}
