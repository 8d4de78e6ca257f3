import { Prisma, type Db } from '@/server/db'

/**
 * Fills tables without their indexes and foreign keys, and makes these again afterwards, word for word. Primary keys and
 * unique constraints stay. An index that is made at once takes a fraction of the time of one that grows row by row: the
 * index of words above all.
 */
export async function loadInBulk(db: Db, tables: readonly string[], load: () => Promise<void>): Promise<void> {
  const references = await db.$queryRaw<DropAndMake[]>`
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS drop,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS make
    FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = ANY(${[...tables]}::regclass[])`
  const indexes = await db.$queryRaw<DropAndMake[]>`
    SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS drop, pg_get_indexdef(i.indexrelid) AS make
    FROM pg_index i WHERE i.indrelid = ANY(${[...tables]}::regclass[])
      AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`
  for (const { drop } of [...references, ...indexes]) await db.$executeRaw(Prisma.raw(drop))
  await load()
  await db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SET LOCAL maintenance_work_mem = '512MB'`
      for (const { make } of [...indexes, ...references]) await tx.$executeRaw(Prisma.raw(make))
    },
    { timeout: 3_600_000 },
  )
}

/** The statements that drop an index or a foreign key, and make it again. */
interface DropAndMake {
  drop: string
  make: string
}
