import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { postgresTls } from './postgres-tls.mjs'
import { Refusal } from './say.mjs'
import { describe, UntrustedError, Wire, withinTime } from './wire.mjs'

/** The oldest PostgreSQL that Jobyard runs on. */
const oldest = 15

/**
 * Signs in to DATABASE_URL as a client would, so that a wrong host, user, password or database is
 * told before anything is installed. `pg` is not there yet, so this speaks the protocol by itself
 * (docs/decisions/0059-probes-by-hand.md).
 *
 * @throws Refusal that names DATABASE_URL, what is wrong with it, and the way out
 * @param {string} databaseUrl
 */
export async function probePostgres(databaseUrl, milliseconds = 10_000) {
  const url = new URL(databaseUrl)
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432))
  const user =
    decodeURIComponent(url.username) || url.searchParams.get('user') || process.env.PGUSER || userInfo().username
  const password = decodeURIComponent(url.password) || url.searchParams.get('password') || process.env.PGPASSWORD || ''
  const database = decodeURIComponent(url.pathname.slice(1))
  const where = host.startsWith('/') ? host : `${host}:${port}`
  const way = 'Correct DATABASE_URL, or unset it to use the embedded PostgreSQL.'
  const tls = postgresTls(url)
  /** @type {Record<string, string>} */
  let answer
  try {
    answer = await withinTime(milliseconds, async (opened) => {
      const address = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
      const wire = opened(await Wire.open(address))
      if (tls) await startTls(wire, host, tls)
      return signIn(wire, user, password, database)
    })
  } catch (error) {
    if (error instanceof ServerError) throw new Refusal(`DATABASE_URL: ${explain(error, user, database, where)} ${way}`)
    if (error instanceof UntrustedError) {
      throw new Refusal(
        `DATABASE_URL: the certificate of PostgreSQL at ${where} is not trusted (${error.message}). Name its CA with sslrootcert=<file>, or take any certificate with sslmode=no-verify.`,
      )
    }
    throw new Refusal(`DATABASE_URL: PostgreSQL at ${where} cannot be reached (${describe(error)}). ${way}`)
  }
  const version = Number.parseInt(answer.server_version ?? '', 10)
  if (version < oldest) {
    throw new Refusal(`DATABASE_URL: the server at ${where} is PostgreSQL ${version}; ${oldest} or newer is needed.`)
  }
  if (answer.in_hot_standby === 'on') {
    throw new Refusal(`DATABASE_URL: the server at ${where} is a read-only standby. Name the primary.`)
  }
}

class ServerError extends Error {
  /** @param {Record<string, string>} fields */
  constructor(fields) {
    super(fields.M ?? 'error')
    this.code = fields.C ?? ''
  }
}

/**
 * @param {ServerError} error
 * @param {string} user
 * @param {string} database
 * @param {string} where
 */
function explain(error, user, database, where) {
  if (error.code === '28P01') return `PostgreSQL at ${where} refuses the password of user "${user}".`
  if (error.code === '3D000') return `PostgreSQL at ${where} has no database "${database}" (createdb makes one).`
  return `PostgreSQL at ${where} says: ${error.message}.`
}

/** @param {Wire} wire @param {string} host @param {import('node:tls').ConnectionOptions} tls */
async function startTls(wire, host, tls) {
  const request = Buffer.alloc(8)
  request.writeInt32BE(8, 0)
  request.writeInt32BE(80877103, 4) // The protocol's SSLRequest.
  wire.socket.write(request)
  if ((await wire.take(1)).toString() !== 'S')
    throw new Error('it offers no TLS, which sslmode or PGSSLMODE asks for; sslmode=disable does without')
  await wire.upgrade(host, tls)
}

/**
 * Signs in, reads what the server says of itself, and leaves.
 * @param {Wire} wire
 * @param {string} user
 * @param {string} password
 * @param {string} database
 * @returns {Promise<Record<string, string>>} the server's parameters
 */
async function signIn(wire, user, password, database) {
  const words = ['user', user, 'database', database, 'application_name', 'jobyard start']
    .map((word) => `${word}\0`)
    .join('')
  // Version 3.0 of the protocol, and then what the client asks for.
  const body = Buffer.from(`\0\u0003\0\0${words}\0`)
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length + 4)
  wire.socket.write(Buffer.concat([head, body]))
  /** @type {Record<string, string>} */
  const parameters = {}
  for (;;) {
    // E: an error. R: a step of the sign-in. S: a parameter. Z: the server waits for questions. X: the client leaves.
    const { type, content } = await readMessage(wire)
    if (type === 'E') throw new ServerError(readFields(content))
    if (type === 'R') await authenticate(wire, content, user, password)
    if (type === 'S') {
      const [name = '', value = ''] = content.toString().split('\0')
      parameters[name] = value
    }
    if (type === 'Z') {
      send(wire, 'X', Buffer.alloc(0))
      return parameters
    }
  }
}

/** @param {Wire} wire */
async function readMessage(wire) {
  const type = (await wire.take(1)).toString()
  const length = (await wire.take(4)).readInt32BE()
  if (!/^[A-Za-z0-9]$/.test(type) || length < 4 || length > 1_000_000) throw new Error('it does not speak PostgreSQL')
  return { type, content: await wire.take(length - 4) }
}

/** @param {Wire} wire @param {string} type @param {Buffer} content */
function send(wire, type, content) {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  wire.socket.write(Buffer.concat([head, content]))
}

/** @param {Buffer} content */
function readFields(content) {
  /** @type {Record<string, string>} */
  const fields = {}
  for (const field of content.toString().split('\0')) if (field) fields[field.slice(0, 1)] = field.slice(1)
  return fields
}

/**
 * Answers what the server asks for: 0 nothing more, 3 the password itself, 5 its MD5, 10 SCRAM.
 * @param {Wire} wire
 * @param {Buffer} content
 * @param {string} user
 * @param {string} password
 */
async function authenticate(wire, content, user, password) {
  const kind = content.readInt32BE()
  if (kind === 0) return
  if (kind === 3) return send(wire, 'p', Buffer.from(`${password}\0`))
  if (kind === 5) {
    const inner = createHash('md5')
      .update(password + user)
      .digest('hex')
    const outer = createHash('md5').update(inner).update(content.subarray(4, 8)).digest('hex')
    return send(wire, 'p', Buffer.from(`md5${outer}\0`))
  }
  if (kind === 10) return scram(wire, password)
  throw new Error(`it asks for a way to sign in that is not supported (${kind})`)
}

/**
 * SCRAM-SHA-256 (RFC 5802, 7677), without channel binding.
 * @param {Wire} wire
 * @param {string} password
 */
async function scram(wire, password) {
  const nonce = randomBytes(18).toString('base64')
  const first = `n=,r=${nonce}`
  const initial = Buffer.from(`n,,${first}`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(initial.length)
  send(wire, 'p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), length, initial]))

  const challenge = await saslMessage(wire, 11)
  const {
    r = '',
    s = '',
    i = '',
  } = Object.fromEntries(challenge.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
  if (!r.startsWith(nonce)) throw new Error('it answered the sign-in with another nonce')
  const salted = pbkdf2Sync(password.normalize('NFKC'), Buffer.from(s, 'base64'), Number(i), 32, 'sha256')
  /** @param {Buffer} key @param {string | Buffer} data */
  const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
  const clientKey = hmac(salted, 'Client Key')
  const last = `c=biws,r=${r}` // `biws` is "n,," in base64: no channel binding.
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${first},${challenge},${last}`)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))
  send(wire, 'p', Buffer.from(`${last},p=${proof.toString('base64')}`))
  await saslMessage(wire, 12)
}

/** @param {Wire} wire @param {number} kind */
async function saslMessage(wire, kind) {
  const { type, content } = await readMessage(wire)
  if (type === 'E') throw new ServerError(readFields(content))
  if (type !== 'R' || content.readInt32BE() !== kind) throw new Error('it answered the sign-in out of turn')
  return content.subarray(4).toString()
}
