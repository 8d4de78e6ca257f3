import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { startEmbeddedPostgres } from '../launcher/embedded-postgres.mjs'
import { inRoot } from '../launcher/paths.mjs'
import { freePort } from '../launcher/ports.mjs'
import { unprivilegedUser } from '../launcher/postgres-home.mjs'
import { database, role } from '../launcher/postgres-roles.mjs'
import { probePostgres } from '../launcher/probe-postgres.mjs'
import { run, until } from '../launcher/processes.mjs'
import { Refusal, step, tail } from '../launcher/say.mjs'
import { Supervisor } from '../launcher/supervisor.mjs'
import { libraryPath, unpackDebian } from './apt.mjs'

/**
 * @typedef {{ url: string, supervisor: Supervisor }} TestServer its address as a role that owns what it makes, as in production
 */
/**
 * @typedef {(supervisor: Supervisor) => void} OnSupervisor called before it starts, so that an interrupted run can stop it
 */

/** Debian installs each version's programs in a folder of its own. */
const installed = '/usr/lib/postgresql'

/**
 * A PostgreSQL for tests: the embedded one, or the one whose programs lie in TEST_POSTGRES_BIN.
 * @param {string} folder
 * @param {OnSupervisor} onSupervisor
 * @returns {Promise<TestServer>}
 */
export async function startTestPostgres(folder, onSupervisor) {
  const bin = process.env.TEST_POSTGRES_BIN
  if (!bin) {
    const { url, adminUrl, supervisor } = await startEmbeddedPostgres({
      folder,
      logFile: `${folder}.log`,
      // Tests end processes, not the machine: what PostgreSQL has written is there for its next start, also without waiting
      // for the disk. On a busy disk that wait was longer than anything that a test watches.
      settings: { fsync: 'off' },
      onSupervisor,
    })
    await allowTests(adminUrl)
    return { url, supervisor }
  }
  if (!existsSync(path.join(bin, 'initdb')))
    throw new Refusal(`TEST_POSTGRES_BIN names ${bin}, in which there is no initdb.`)
  return startOrdinaryPostgres({ bin, folder, onSupervisor })
}

/**
 * A server with Debian's package and its settings unchanged, in the oldest supported version that can be found.
 * @param {string} folder
 * @param {OnSupervisor} onSupervisor
 * @returns {Promise<TestServer>}
 */
export async function startDebianPostgres(folder, onSupervisor) {
  const own = binIn(installed)
  if (own) return startOrdinaryPostgres({ bin: own, folder: `${folder}-debian`, onSupervisor })
  const kept = inRoot('.local/postgresql-server')
  const fresh = `${kept}.${process.pid}`
  const unpacked = path.join('root', installed)
  if (!binIn(path.join(kept, unpacked))) {
    await step('Fetching PostgreSQL', () => unpackDebian(['postgresql'], fresh))
    rmSync(path.join(fresh, 'apt'), { recursive: true, force: true })
    rmSync(kept, { recursive: true, force: true })
    if (existsSync(fresh)) renameSync(fresh, kept)
  }
  if (!binIn(path.join(kept, unpacked)))
    throw new Refusal(
      'This suite needs a PostgreSQL of Debian and none could be had: install postgresql, or set TEST_POSTGRES_BIN to the folder of its programs for `npm run test:db`.',
    )
  // The server's user may not be able to reach this clone.
  const copy = `${folder}-programs`
  cpSync(kept, copy, { recursive: true, verbatimSymlinks: true })
  await run('chmod', ['-R', 'go+rX', copy])
  return startOrdinaryPostgres({
    bin: /** @type {string} */ (binIn(path.join(copy, unpacked))),
    folder: `${folder}-debian`,
    libraries: libraryPath(copy),
    onSupervisor,
  })
}

/** The programs of the oldest version that we support. @param {string} folder */
function binIn(folder) {
  const versions = existsSync(folder)
    ? readdirSync(folder)
        .map(Number)
        .filter((version) => version >= 15)
        .sort((a, b) => a - b)
    : []
  return (
    versions
      .map((version) => path.join(folder, String(version), 'bin'))
      .find((bin) => existsSync(path.join(bin, 'initdb'))) ?? null
  )
}

/**
 * A server with PostgreSQL's own defaults for everything but where it listens.
 * @param {{ bin: string, folder: string, libraries?: string, onSupervisor: OnSupervisor }} options
 * @returns {Promise<TestServer>}
 */
async function startOrdinaryPostgres({ bin, folder, libraries, onSupervisor }) {
  const user = unprivilegedUser()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const password = randomBytes(18).toString('base64url')
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
  chmodSync(folder, 0o700)
  const data = path.join(folder, 'data')
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
  }
  const { code, output } = await run(
    path.join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
    ],
    { ...user, cwd: folder, env },
  )
  if (code !== 0) throw new Refusal(`${bin}/initdb failed; see above.`, tail(output))
  const port = await freePort()
  const supervisor = new Supervisor({
    name: 'postgres',
    file: path.join(bin, 'postgres'),
    args: ['-D', data, '-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    cwd: folder,
    env,
    ...user,
    stopSignal: 'SIGINT',
    stopMs: 8000,
    logFile: `${folder}.log`,
  })
  onSupervisor(supervisor)
  await supervisor.start()
  const adminUrl = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`
  if (
    !(await until(
      () =>
        probePostgres(adminUrl, 5000).then(
          () => true,
          () => false,
        ),
      30_000,
    ))
  ) {
    await supervisor.stop()
    throw new Refusal(`${bin}/postgres does not come up; see ${folder}.log.`)
  }
  await asAdmin(adminUrl, [
    `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${database} OWNER ${role}`,
  ])
  await allowTests(adminUrl)
  return { url: `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`, supervisor }
}

/**
 * Lets each test file make a database of its own, and one of them change rows past triggers.
 * @param {string} adminUrl
 */
const allowTests = (adminUrl) =>
  asAdmin(adminUrl, [`ALTER ROLE ${role} CREATEDB`, `GRANT SET ON PARAMETER session_replication_role TO ${role}`])

/** @param {string} adminUrl @param {string[]} statements */
async function asAdmin(adminUrl, statements) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
