import '@/server/private-files.mjs'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { orRefuse } from '@/server/deployment/at-start'
import { addressOf, giveNewPassword, makeAdmin } from './make-admin'

// `npm run admin -- you@example.com ["Your Name"] [--key]` (scripts/admin.mjs): the first account of a
// database of one's own. `npm run admin -- you@example.com --new-password`: a new password for an account whose
// password was forgotten. Run with DATABASE_URL set.
loadEnvFile()
const FLAGS = ['--key', '--new-password']
const words = process.argv.slice(2)
const has = (flag: string) => words.includes(flag)
const [given, name, ...more] = words.filter((word) => !FLAGS.includes(word))
const address = addressOf(given)
const databaseUrl = process.env.DATABASE_URL
const forgotten = has('--new-password')
if (!address || more.length > 0 || (forgotten && (name || has('--key'))) || !databaseUrl) {
  console.error(
    databaseUrl
      ? 'Give an email address, and perhaps a name: npm run admin -- you@example.com "Your Name" [--key]\n' +
          'Or, for a password that was forgotten: npm run admin -- you@example.com --new-password'
      : 'DATABASE_URL is not set',
  )
  process.exit(1)
}
await orRefuse({ databaseUrl })
try {
  await (forgotten ? newPassword(databaseUrl, address) : systemAdmin(databaseUrl, address))
} catch (error) {
  console.error(
    `${forgotten ? 'The password was not changed' : 'The system admin could not be made'}: ${error instanceof Error ? error.message : String(error)}`,
  )
  process.exitCode = 1
}

async function systemAdmin(url: string, of: string) {
  const { email, outcome, password, key } = await makeAdmin(url, of, name, has('--key'))
  const said = {
    created: `${email} is a system admin.\n  Password:  ${password}   (shown once; change it under Your account)`,
    promoted: `${email} is now a system admin and signs in as before.`,
    unchanged: `${email} was a system admin before. Its password is as it was; --new-password gives it another.`,
  }
  console.log(said[outcome])
  if (key) console.log(`  API key:   ${key}   (SYSTEM_ADMIN; shown once)`)
}

async function newPassword(url: string, of: string) {
  const { email, password } = await giveNewPassword(url, of)
  console.log(
    `${email} has a new password and is signed out everywhere.\n  Password:  ${password}   (shown once; change it under Your account)`,
  )
}
