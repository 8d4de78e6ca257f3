import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@/testing/database'

// The migrations go to one database, the script that Prisma makes of schema.prisma to another, and the two catalogs are
// compared. Prisma could compare migrations and schema itself (`migrate diff --from-migrations`). That is not used: it
// empties the database that it is given, to run the migrations in it.

let migrated: TestDatabase
let described: TestDatabase

beforeAll(async () => {
  migrated = await createTestDatabase()
  described = await createEmptyDatabase()
  const script = await scriptOfSchema(described.url)
  const client = new pg.Client({ connectionString: described.url })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
})
afterAll(async () => {
  await migrated?.drop()
  await described?.drop()
})

/**
 * What both catalogs must agree on. Checks, triggers, and indexes other than btree, or with a condition or an
 * expression, are left to the migrations.
 */
const catalog = {
  tables: `
    SELECT c.relname AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'`,
  columns: `
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
      a.attidentity AS identity, a.attgenerated AS generated, pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relname <> '_prisma_migrations'`,
  enums: `
    SELECT t.typname AS name, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) AS labels
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname`,
  'primary and foreign keys': `
    SELECT n.conrelid::regclass::text AS table, n.conname AS name, pg_get_constraintdef(n.oid) AS definition
    FROM pg_constraint n
    WHERE n.connamespace = 'public'::regnamespace AND n.contype IN ('p', 'f') AND n.conrelid::regclass::text <> '_prisma_migrations'`,
  indexes: `
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam AND a.amname = 'btree'
    WHERE c.relnamespace = 'public'::regnamespace AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT i.indnullsnotdistinct
      AND c.relname <> '_prisma_migrations'`,
}

test.each(Object.entries(catalog))('the migrations and schema.prisma make the same %s', async (_, query) => {
  const actual = await read(migrated.url, query)
  const expected = await read(described.url, query)
  expect(expected.length).toBeGreaterThan(0)
  expect(actual).toEqual(expected)
})

/** The rows as sorted lines, so that a difference names the table, column or index. */
async function read(url: string, query: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(query)
    return rows.map((row) => JSON.stringify(row)).sort()
  } finally {
    await client.end()
  }
}

interface SchemaEngine {
  diff(input: unknown): Promise<{ stdout?: string | null }>
}

/**
 * The SQL that Prisma makes of schema.prisma. Prisma's usual engine is a program that it downloads when it is first
 * used, and tests must run without internet. So the engine comes from its WebAssembly package. It wants a connection,
 * although this does not read the database.
 */
async function scriptOfSchema(url: string): Promise<string> {
  // By path: its package.json exports the entry points for edge runtimes only.
  const folder = fileURLToPath(new URL('../node_modules/@prisma/schema-engine-wasm', import.meta.url))
  // This is what the package's own loader does, for Node.
  const glue = (await import(/* @vite-ignore */ path.join(folder, 'schema_engine_bg.js'))) as {
    __wbg_set_wasm(exports: WebAssembly.Exports): void
    SchemaEngine: { new: (options: unknown, log: (message: string) => void, adapter: unknown) => Promise<SchemaEngine> }
  }
  const wasm = new WebAssembly.Instance(
    new WebAssembly.Module(readFileSync(path.join(folder, 'schema_engine_bg.wasm'))),
    {
      './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports,
    },
  )
  glue.__wbg_set_wasm(wasm.exports)
  const start = wasm.exports.__wbindgen_start
  if (typeof start === 'function') (start as () => void)()

  const content = readFileSync(new URL('schema.prisma', import.meta.url), 'utf8')
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }))
  const engine = await glue.SchemaEngine.new({ datamodels: [['schema.prisma', content]] }, () => {}, adapter)
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  if (!stdout) throw new Error('the schema engine gave no script')
  return stdout
}
