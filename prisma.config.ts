import { defineConfig } from 'prisma/config'

// `generate` and `validate` need no schema engine, but the CLI would download one. Only for these
// two does a stand-in do; with it `migrate` would silently do nothing, so there the real one is used.
if (process.argv.some((word) => word === 'generate' || word === 'validate')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= '/bin/true'
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations', seed: 'tsx prisma/seed.ts' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
