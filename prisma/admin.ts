import '@/server/private-files.mjs'
import { z } from 'zod'
import { hashPassword } from '@/server/auth/passwords'
import { createDb } from '@/server/db'
import { orRefuse } from '@/server/deployment/at-start'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { createApiKey, makeSystemAdmin } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { newPassword } from './seed/credentials'

// `npm run admin -- you@example.com ["Your Name"] [--key]` (scripts/admin.mjs): the first account of a
// database of one's own. Run with DATABASE_URL set.
const words = process.argv.slice(2).filter((word) => word !== '--key')
const email = z.string().trim().toLowerCase().max(254).pipe(z.email()).safeParse(words[0])
loadEnvFile()
const databaseUrl = process.env.DATABASE_URL
if (!email.success || words.length > 2 || !databaseUrl) {
  console.error(
    databaseUrl
      ? 'Give an e-mail address, and perhaps a name: npm run admin -- you@example.com "Your Name" [--key]'
      : 'DATABASE_URL is not set',
  )
  process.exit(1)
}
await orRefuse({ databaseUrl })
const db = createDb(databaseUrl, { max: 2, applicationName: 'jobyard-admin' })
try {
  const password = newPassword()
  const outcome = await makeSystemAdmin(db, {
    email: email.data,
    name: words[1]?.trim() || email.data.slice(0, 100),
    passwordHash: await hashPassword(password),
  })
  const said = {
    created: `${email.data} is a system admin.\n  Password:  ${password}   (shown once; change it under Your account)`,
    promoted: `${email.data} is now a system admin and signs in as before.`,
    unchanged: `${email.data} was a system admin before.`,
  }
  console.log(said[outcome])
  if (process.argv.includes('--key')) {
    const { key } = await createApiKey(db, {
      organizationId: null,
      role: 'SYSTEM_ADMIN',
      name: `${email.data.slice(0, 80)}, by command line`,
      actor: systemActor('command line'),
      address: null,
    })
    console.log(`  API key:   ${key}   (SYSTEM_ADMIN; shown once)`)
  }
} catch (error) {
  console.error(`The system admin could not be made: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await db.$disconnect()
}
