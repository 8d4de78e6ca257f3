import '@/server/private-files.mjs'
import { resolve } from 'node:path'
import { createDb } from '@/server/db'
import { orRefuse } from '@/server/deployment/at-start'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { seed } from './seed/seed'

// Run with DATABASE_URL set. JOBYARD_EMBEDDED=1 adds the demo, whose passwords and keys are kept in
// JOBYARD_DEMO_FILE. The last line on stdout is JSON: what to sign in with.
loadEnvFile()
const databaseUrl = process.env.DATABASE_URL
if (!databaseUrl) {
  console.error('DATABASE_URL is not set: say which database to seed')
  process.exit(1)
}
await orRefuse({ databaseUrl })
const demoFile =
  process.env.JOBYARD_EMBEDDED === '1' ? resolve(process.env.JOBYARD_DEMO_FILE ?? '.local/demo.json') : undefined
const db = createDb(databaseUrl, { max: 2, applicationName: 'jobyard-seed' })
try {
  const access = await seed(db, { demoFile, now: Date.now() })
  console.log(JSON.stringify(access))
} catch (error) {
  console.error(`The seed failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await db.$disconnect()
}
