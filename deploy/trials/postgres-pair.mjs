import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { freePort } from '../../launcher/ports.mjs'
import { unprivilegedUser } from '../../launcher/postgres-home.mjs'
import { run, until } from '../../launcher/processes.mjs'
import { Supervisor } from '../../launcher/supervisor.mjs'

const bin = process.env.TEST_POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin'

/**
 * Two servers of Debian's PostgreSQL: a primary, and a standby that streams from it. With `synchronous` a commit is
 * answered only once the standby has it on its disk.
 * @param {string} folder
 * @param {{ synchronous: boolean }} options
 */
export async function startPair(folder, { synchronous }) {
  const user = unprivilegedUser()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const password = randomBytes(18).toString('hex')
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user) for (const file of [folder, passwordFile]) chownSync(file, user.uid, user.gid)
  chmodSync(folder, 0o700)
  const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C', TZ: 'UTC', PGPASSWORD: password }
  /** @param {string} program @param {string[]} args */
  const command = async (program, args) => {
    const { code, output } = await run(path.join(bin, program), args, { ...user, cwd: folder, env })
    if (code !== 0) throw new Error(`${program} failed: ${output}`)
  }
  /** @param {string} name @param {number} port @param {string[]} more */
  const server = (name, port, more) =>
    new Supervisor({
      name,
      file: path.join(bin, 'postgres'),
      args: ['-D', path.join(folder, name), '-c', `port=${port}`, ...common, ...more],
      cwd: folder,
      env,
      ...user,
      stopSignal: 'SIGINT', // Ends connections at once. At SIGTERM PostgreSQL would wait for them.
      stopMs: 8000,
      logFile: path.join(folder, `${name}.log`),
      silent: true,
    })
  const common = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'hot_standby=on'].flatMap((one) => [
    '-c',
    one,
  ])
  const [port, standbyPort] = [await freePort(), await freePort()]
  await command('initdb', [
    ...['-D', path.join(folder, 'primary'), '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8'],
    ...['--auth=scram-sha-256', `--pwfile=${passwordFile}`],
  ])
  const primary = server('primary', port, synchronous ? ['-c', 'synchronous_standby_names=standby'] : [])
  await primary.start()
  /** @param {number} at */
  const adminUrl = (at) => `postgresql://postgres:${password}@127.0.0.1:${at}/postgres`
  /** @param {number} at @param {string} statement */
  const ask = async (at, statement) => {
    const client = new pg.Client({ connectionString: adminUrl(at), connectionTimeoutMillis: 5000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }
  /** @param {() => Promise<unknown>} question */
  const eventually = async (question) => {
    if (!(await until(() => question().then(Boolean, () => false), 60_000)))
      throw new Error('PostgreSQL does not come up')
  }
  await eventually(() => ask(port, 'SELECT 1'))
  await command('pg_basebackup', [
    ...[
      '-D',
      path.join(folder, 'standby'),
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'postgres',
      '-R',
      '-X',
      'stream',
    ],
  ])
  const standby = server('standby', standbyPort, [
    '-c',
    `primary_conninfo=host=127.0.0.1 port=${port} user=postgres password=${password} application_name=standby`,
  ])
  await standby.start()
  const state = synchronous ? 'sync' : 'async'
  await eventually(async () => (await ask(port, 'SELECT sync_state FROM pg_stat_replication'))[0]?.sync_state === state)
  await ask(port, 'CREATE DATABASE jobyard')
  /** @param {number} at */
  const url = (at) => adminUrl(at).replace(/postgres$/, 'jobyard')
  return {
    url: url(port),
    standbyUrl: url(standbyPort),
    /** Kills every process of the primary at once, as when its machine is lost. It is not started again. */
    async losePrimary() {
      const pid = primary.pid ?? 0
      // The supervisor is asked to stop it first, so that it does not start it again.
      const stopped = primary.stop()
      process.kill(-pid, 'SIGKILL')
      await stopped
    },
    /** Makes the standby the primary. Resolves when it takes writes. */
    async promote() {
      await ask(standbyPort, 'SELECT pg_promote()')
      await eventually(async () => (await ask(standbyPort, 'SELECT pg_is_in_recovery() AS still'))[0]?.still === false)
    },
    stop: () => Promise.all([primary.stop(), standby.stop()]),
  }
}
