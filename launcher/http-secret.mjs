import { hkdfSync } from 'node:crypto'
import { Refusal } from './say.mjs'
import { localSecret } from './secrets.mjs'
import { loadEnvFile, readSettings } from './settings.mjs'

/**
 * The secret by which the service of one origin recognizes requests of this installation (docs/http-request.md). It is
 * computed as in worker/handlers/http/signature.ts, and a test compares the two. That file is TypeScript and cannot be
 * used here, because this command runs before anything is built.
 * @param {string} address of the service
 */
export function signingSecretFor(address) {
  loadEnvFile()
  readSettings(process.env) // It refuses wrong settings.
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new Refusal('Give the address of the service, such as: npm run http-secret -- https://billing.example.com')
  const { origin } = new URL(address)
  const secret = hkdfSync(
    'sha256',
    process.env.HTTP_REQUEST_SECRET ?? localSecret('httpRequestSecret'),
    '',
    `jobyard http.request ${origin}`,
    32,
  )
  return `jy_sign_${Buffer.from(secret).toString('base64url')}`
}
