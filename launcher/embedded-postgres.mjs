import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inState, readJson, writeAtomically } from './paths.mjs'
import { freePort } from './ports.mjs'
import { openPostgresHome } from './postgres-home.mjs'
import { stopPostgresOn } from './postgres-leftover.mjs'
import { database, handOver, role, roleStatements, superuser } from './postgres-roles.mjs'
import { probePostgres } from './probe-postgres.mjs'
import { run, until } from './processes.mjs'
import { Refusal, tail } from './say.mjs'
import { Supervisor } from './supervisor.mjs'

/**
 * Settings that are given besides the defaults. None of them weakens durability. They are written out so that figures
 * measured on this server can be compared.
 */
const configuration = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  random_page_cost: 1.1,
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
}

/**
 * @typedef {object} EmbeddedPostgres
 * @property {string} url of the role that owns the database and may do nothing else
 * @property {string} adminUrl of the superuser, which only the launcher's own set-up needs, and tests
 * @property {Supervisor} supervisor
 */

/**
 * Starts PostgreSQL on the data under `folder`. The data are made the first time.
 * @param {{ folder?: string, logFile?: string, settings?: Record<string, string | number>, silent?: boolean, onStart?:
 * (pid: number) => void, onSupervisor?: (supervisor: Supervisor) => void }} [options]
 * @returns {Promise<EmbeddedPostgres>}
 */
export async function startEmbeddedPostgres({
  folder = inState('postgres'),
  logFile,
  settings = {},
  silent,
  onStart,
  onSupervisor,
} = {}) {
  const home = await openPostgresHome(folder)
  const data = path.join(realpathSync(home.folder), 'data')
  const access = accessOf(folder)
  await stopPostgresOn(data)
  await prepareData(home, data, access)

  // It takes the same port each time where that is possible, so that an address that somebody has noted stays right.
  const port = await freePort(access.port)
  const { password, superuserPassword } = access
  writeAtomically(`${folder}.json`, JSON.stringify({ password, superuserPassword, port }))
  const options = Object.entries({ ...configuration, ...settings, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const supervisor = new Supervisor({
    name: 'postgres',
    file: path.join(home.bin, 'postgres'),
    args: ['-D', data, ...options],
    cwd: home.folder,
    env: environmentOf(home),
    ...home.user,
    stopSignal: 'SIGINT', // A "fast" shutdown, which ends sessions and writes a checkpoint.
    stopNowSignal: 'SIGQUIT', // An "immediate" shutdown, which is like a crash. The next start recovers from it.
    stopMs: 8000,
    logFile,
    silent,
    beforeStart: () => stopPostgresOn(data),
    onStart,
  })
  onSupervisor?.(supervisor)
  await supervisor.start()
  const url = `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`
  const adminUrl = `postgresql://${superuser}:${superuserPassword}@127.0.0.1:${port}/${database}`
  await untilAnswers(url, supervisor, logFile)
  return { url, adminUrl, supervisor }
}

/** @param {string} url @param {Supervisor} supervisor @param {string} [logFile] */
async function untilAnswers(url, supervisor, logFile) {
  /** @type {unknown} */
  let reason
  const answers = () =>
    probePostgres(url, 5000).then(
      () => true,
      (error) => ((reason = error), false),
    )
  if (await until(answers, 60_000)) return
  await supervisor.stop()
  throw new Refusal(`The embedded PostgreSQL does not come up${logFile ? `; see ${logFile}` : ''}.`, String(reason))
}

/**
 * @typedef {object} Access
 * @property {string} password
 * @property {string} superuserPassword
 * @property {number} [port] the one of the last start
 * @property {boolean} isOfOneRole the data, if there are any yet, are of an earlier version, whose only role was the
 *   superuser
 */

/**
 * Passwords are made once and kept beside the folder. An earlier version gave the superuser's password to every
 * process. Where that is so, both roles get new passwords.
 * @param {string} folder
 * @returns {Access}
 */
function accessOf(folder) {
  const kept = /** @type {{ password: string, superuserPassword?: string, port?: number } | null} */ (
    readJson(`${folder}.json`)
  )
  return kept?.superuserPassword
    ? { ...kept, superuserPassword: kept.superuserPassword, isOfOneRole: false }
    : { port: kept?.port, password: newPassword(), superuserPassword: newPassword(), isOfOneRole: true }
}

/**
 * Makes the database and its roles where there are none. Where an earlier version made them, it adds the second role.
 * @param {import('./postgres-home.mjs').PostgresHome} home
 * @param {string} data
 * @param {Access} access
 */
async function prepareData(home, data, access) {
  if (existsSync(data)) {
    if (!access.isOfOneRole) return
    await runStatements(home, data, 'postgres', [
      ...roleStatements(access),
      `ALTER DATABASE ${database} OWNER TO ${role}`,
    ])
    return runStatements(home, data, database, [handOver])
  }
  // The data are made in another folder and then renamed. A start that is killed half-way leaves nothing that looks
  // complete.
  const half = `${data}.new`
  rmSync(half, { recursive: true, force: true })
  await runProgram(home, 'initdb', [
    '-D',
    half,
    '-U',
    superuser,
    '--encoding=UTF8',
    // PostgreSQL's own rules of comparing, which are the same on every machine.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile(home, access.superuserPassword)}`,
  ])
  rmSync(path.join(home.folder, 'password'))
  await runStatements(home, half, 'postgres', [...roleStatements(access), `CREATE DATABASE ${database} OWNER ${role}`])
  renameSync(half, data)
}

/**
 * Runs statements before the server is started, in single-user mode, which reads one statement a line. It does not end
 * with an error when a statement fails, so its output is searched for one.
 * @param {import('./postgres-home.mjs').PostgresHome} home
 * @param {string} data
 * @param {string} where the database
 * @param {string[]} statements
 */
async function runStatements(home, data, where, statements) {
  // Failed statements are not printed, because they contain passwords.
  const args = ['--single', '-D', data, '-c', 'log_min_error_statement=panic', where]
  const output = await runProgram(home, 'postgres', args, `${statements.join('\n')}\n`)
  if (/(?:ERROR|FATAL|PANIC): {2}/.test(output))
    throw new Refusal(
      "PostgreSQL's roles could not be set up; see above. Set DATABASE_URL to use a server of your own.",
      tail(output),
    )
}

/**
 * @param {import('./postgres-home.mjs').PostgresHome} home
 * @param {string} program
 * @param {string[]} args
 * @param {string} [input]
 */
async function runProgram(home, program, args, input) {
  const { code, output } = await run(path.join(home.bin, program), args, {
    ...home.user,
    cwd: home.folder,
    env: environmentOf(home),
    input,
  })
  if (code !== 0)
    throw new Refusal(
      `PostgreSQL's ${program} failed; see above. Set DATABASE_URL to use a server of your own.`,
      tail(output),
    )
  return output
}

/** @param {import('./postgres-home.mjs').PostgresHome} home */
const environmentOf = (home) => ({ PATH: process.env.PATH, HOME: home.folder, LC_ALL: 'C', TZ: 'UTC' })

const newPassword = () => randomBytes(24).toString('base64url')

/**
 * @param {import('./postgres-home.mjs').PostgresHome} home
 * @param {string} password
 */
function passwordFile(home, password) {
  const file = path.join(home.folder, 'password')
  writeFileSync(file, password, { mode: 0o600 })
  if (home.user) chownSync(file, home.user.uid, home.user.gid)
  return file
}
