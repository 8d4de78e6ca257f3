// `npm run http-secret -- https://billing.example.com`: prints the secret with which the service of that
// origin knows that a request comes from this installation (docs/http-request.md).
import '../server/private-files.mjs'
import { hkdfSync } from 'node:crypto'
import { root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { localSecret } from '../launcher/secrets.mjs'
import { loadEnvFile, readSettings } from '../launcher/settings.mjs'

process.chdir(root)
try {
  loadEnvFile()
  readSettings(process.env)
  const given = process.argv[2] ?? ''
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new Refusal('Give the address of the service, such as: npm run http-secret -- https://billing.example.com')
  const { origin } = new URL(given)
  // As worker/handlers/http/signature.ts, which a test compares with this.
  const secret = hkdfSync(
    'sha256',
    process.env.HTTP_REQUEST_SECRET ?? localSecret('httpRequestSecret'),
    '',
    `jobyard http.request ${origin}`,
    32,
  )
  process.stdout.write(`jy_sign_${Buffer.from(secret).toString('base64url')}\n`)
} catch (error) {
  fail(error)
}
