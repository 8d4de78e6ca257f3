// An OpenID provider for the tests, in a process of its own: `node oidc-provider.mjs PORT CLIENT_ID CLIENT_SECRET
// REDIRECT_URI`. Its sign-in page asks for a name and accepts any password. Before that, a test tells who the person
// with that name is, with PUT /people/<name> {"sub", "email", "email_verified", "name"}.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [port, clientId, clientSecret, redirectUri] = /** @type {[string, string, string, string]} */ (
  process.argv.slice(2)
)
/** @type {Map<string, { sub: string, email?: string, email_verified?: boolean, name?: string }>} */
const people = new Map()

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  pkce: { required: () => true, methods: ['S256'] },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'one' }] },
  cookies: { keys: ['for these tests only'] },
  findAccount: (_ctx, name) => {
    const person = people.get(name)
    // The claims decide the "sub", so a test can give one person a new name.
    return person && { accountId: name, claims: () => ({ ...person }) }
  },
  // It does not ask for consent. A company's own provider would not ask its staff either.
  async loadExistingGrant(ctx) {
    const { client, session, provider: own } = ctx.oidc
    const grant = new own.Grant({ clientId: client?.clientId, accountId: session?.accountId })
    grant.addOIDCScope('openid email profile')
    await grant.save()
    return grant
  },
})
provider.on('server_error', (_ctx, error) => console.error(error))

const answer = provider.callback()
createServer((request, response) => {
  const name = request.method === 'PUT' ? /^\/people\/([^/]+)$/.exec(request.url ?? '')?.[1] : undefined
  if (name === undefined) return void answer(request, response)
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    people.set(decodeURIComponent(name), JSON.parse(body))
    response.writeHead(204).end()
  })
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
