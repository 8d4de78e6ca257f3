// `npm run http-secret -- https://billing.example.com`: prints the secret with which the service of that
// origin knows that a request comes from this installation (docs/http-request.md).
import '../server/private-files.mjs'
import { signingSecretFor } from '../launcher/http-secret.mjs'
import { root } from '../launcher/paths.mjs'
import { fail } from '../launcher/say.mjs'

process.chdir(root)
try {
  process.stdout.write(`${signingSecretFor(process.argv[2] ?? '')}\n`)
} catch (error) {
  fail(error)
}
