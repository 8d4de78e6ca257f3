import '@/server/private-files.mjs'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { orRefuse } from '@/server/deployment/at-start'
import { addressOf, makeAdmin } from './make-admin'

// `npm run admin -- you@example.com ["Your Name"] [--key]` (scripts/admin.mjs): the first account of a
// database of one's own. Run with DATABASE_URL set.
loadEnvFile()
const words = process.argv.slice(2).filter((word) => word !== '--key')
const address = addressOf(words[0])
const databaseUrl = process.env.DATABASE_URL
if (!address || words.length > 2 || !databaseUrl) {
  console.error(
    databaseUrl
      ? 'Give an e-mail address, and perhaps a name: npm run admin -- you@example.com "Your Name" [--key]'
      : 'DATABASE_URL is not set',
  )
  process.exit(1)
}
await orRefuse({ databaseUrl })
try {
  const { email, outcome, password, key } = await makeAdmin(
    databaseUrl,
    address,
    words[1],
    process.argv.includes('--key'),
  )
  const said = {
    created: `${email} is a system admin.\n  Password:  ${password}   (shown once; change it under Your account)`,
    promoted: `${email} is now a system admin and signs in as before.`,
    unchanged: `${email} was a system admin before.`,
  }
  console.log(said[outcome])
  if (key) console.log(`  API key:   ${key}   (SYSTEM_ADMIN; shown once)`)
} catch (error) {
  console.error(`The system admin could not be made: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
