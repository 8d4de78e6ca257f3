import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getJob, submitJob } from '@/server/engine'
import { startApiServer, type ApiServer } from '@/testing/api-server'
import { createWorld, type World } from '@/testing/api-world'
import { createTestDatabase, type TestDatabase } from '@/testing/database'
import { builtJobyard, jobyard } from './cli.fixture'

let database: TestDatabase
let server: ApiServer
let world: World
let onDatabase: Record<string, string>
let overApi: Record<string, string>
const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-cli-'))

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startApiServer(database.url)
  world = await createWorld(server.services.db)
  onDatabase = { DATABASE_URL: database.url, JOBYARD_CALLED_IN: folder }
  overApi = { JOBYARD_URL: server.url, JOBYARD_API_KEY: world.keys.root!, JOBYARD_CALLED_IN: folder }
})
afterAll(async () => {
  await server.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

const submit = (title: string) =>
  submitJob(server.services.db, {
    organizationId: world.acme,
    job: { jobType: 'test.noop', parameters: { title } },
    actor: { type: 'system', id: null, name: 'test' },
  })

test('somebody with the database’s password makes a system admin, an organization and a key of it, and revokes the key, without the web process', async () => {
  const admin = await jobyard(onDatabase, '--json', 'users', 'system-admin', 'Ops@example.com', 'Ops')
  expect(admin.json()).toMatchObject({ email: 'ops@example.com', outcome: 'created', password: expect.any(String) })
  const organization = await jobyard(onDatabase, '--json', 'organizations', 'create', 'initech', 'Initech')
  expect(organization.json()).toMatchObject({ slug: 'initech', status: 'ACTIVE' })

  const made = await jobyard(onDatabase, '--json', 'keys', 'create', 'robot', '--org', 'initech', '--role', 'OPERATOR')
  const { key, apiKey } = made.json()
  const asRobot = { JOBYARD_URL: server.url, JOBYARD_API_KEY: key }
  expect((await jobyard(asRobot, '--json', 'organizations', 'list')).json()).toMatchObject([{ slug: 'initech' }])
  expect((await jobyard(onDatabase, 'keys', 'revoke', apiKey.id, '--org', 'initech')).code).toBe(0)
  const refused = await jobyard(asRobot, '--json', 'organizations', 'list')
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.err)).toMatchObject({ error: { reason: 'UNAUTHENTICATED' } })

  const acts = await server.services.db.auditEvent.findMany({ where: { action: 'apiKey.revoke' } })
  expect(acts).toMatchObject([{ targetId: apiKey.id, actorType: 'SYSTEM', actorName: 'command line' }])
})

test.each([
  ['over the API', () => overApi],
  ['on the database', () => onDatabase],
])('a system admin pauses, asks why a job waits, cancels it, retries it and resumes, %s', async (_, env) => {
  const { id } = await submit(`paused ${env() === overApi}`)
  expect((await jobyard(env(), 'pause', '--org', 'acme', '--reason', 'the mail server is down')).code).toBe(0)
  expect((await jobyard(env(), 'pauses')).out).toContain('the mail server is down')
  const explained = await jobyard(env(), 'explain', id)
  expect(explained.out).toMatch(/^PENDING\n {2}.*paused/)
  expect((await jobyard(env(), '--json', 'cancel', id, '--reason', 'not needed')).json()).toMatchObject([
    { id, job: { status: 'CANCELED', cancelReason: 'not needed' } },
  ])
  expect((await jobyard(env(), 'retry', id)).out).toContain(`${id} runs again; it is PENDING.`)
  expect((await getJob(server.services.db, id, { all: true })).status).toBe('PENDING')
  expect((await jobyard(env(), 'resume', '--org', 'acme')).out).toBe('Resumed.\n')
  expect((await jobyard(env(), 'resume', '--org', 'acme')).out).toBe('It was not paused.\n')
})

test('the built program does the same in a process of its own, and ends with 1 where it cannot', async () => {
  const built = await builtJobyard(overApi, ['--json', 'organizations', 'list'])
  expect([built.code, built.err, JSON.parse(built.out)]).toEqual([
    0,
    '',
    (await jobyard(onDatabase, '--json', 'organizations', 'list')).json(),
  ])
  expect(await builtJobyard(onDatabase, ['pause'])).toEqual({
    code: 1,
    out: '',
    err: 'Say what: --platform, --type JOB-TYPE or --org ORGANIZATION.\n',
  })
})

// The other tests rely on this of `builtJobyard` (cli.fixture.ts).
test('a run of the built program that a signal ends does not count as one that did its work', async () => {
  const killed = await builtJobyard(overApi, ['--json', 'organizations', 'list'], 'kill -KILL $$')
  expect(killed.code).toBe(-1)
})

test('both ways list the same jobs, and a key of another organization sees none of them', async () => {
  await submit('listed')
  const listed = await jobyard(overApi, '--json', 'jobs', '--org', 'acme')
  expect(listed.json().length).toBeGreaterThan(0)
  expect((await jobyard(onDatabase, '--json', 'jobs', '--org', 'acme')).json()).toEqual(listed.json())
  const stranger = { ...overApi, JOBYARD_API_KEY: world.keys['globex.ADMIN']! }
  expect((await jobyard(stranger, '--json', 'jobs')).json()).toEqual([])
  const refused = await jobyard(stranger, 'jobs', '--org', 'acme')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('There is no organization "acme" that you may see.')
})

test('an export writes every job of a filter to a new file: CSV without formulas, or everything as JSON lines', async () => {
  // One more than a page of the list holds.
  for (let n = 0; n < 101; n++) await submit(`=SUM(${n})`)
  const done = await jobyard(onDatabase, 'export', 'jobs.csv', '--type', 'test.noop', '--org', 'acme')
  expect(done.err).toMatch(/^\d+ jobs written to jobs\.csv\.\n$/)
  const lines = readFileSync(path.join(folder, 'jobs.csv'), 'utf8').trim().split('\n')
  expect(lines[0]).toBe(
    'id,organizationId,jobType,title,status,priority,attempt,failures,createdAt,startedAt,finishedAt,error',
  )
  expect(lines.length).toBeGreaterThan(101)
  expect(lines.join('\n')).toContain(",'=SUM(100),")
  expect(lines.join('\n')).not.toMatch(/,=SUM/)

  const again = await jobyard(onDatabase, 'export', 'jobs.csv')
  expect([again.code, again.err]).toEqual([
    1,
    `${path.join(folder, 'jobs.csv')} is there already. Name another file, or remove that one first.\n`,
  ])
  await jobyard(overApi, 'export', 'jobs.ndjson', '--org', 'acme')
  const jobs = readFileSync(path.join(folder, 'jobs.ndjson'), 'utf8').trim().split('\n')
  expect(jobs.length).toBe(lines.length - 1)
  expect(JSON.parse(jobs[0]!)).toMatchObject({ parameters: { title: '=SUM(100)' } })
})

test('states and types are given several times, and an export tells a script which file it wrote', async () => {
  const { id } = await submit('chosen')
  const chosen = ['--status', 'PENDING', '--status', 'QUEUED', '--type', 'test.noop', '--type', 'test.other']
  const listed = await jobyard(onDatabase, '--json', 'jobs', ...chosen, '--search', 'chosen')
  expect(listed.json()).toMatchObject([{ id }])
  const exported = await jobyard(onDatabase, 'export', ...chosen, '--search', 'chosen', 'chosen.csv', '--json')
  expect([exported.code, exported.err, exported.json()]).toEqual([
    0,
    '',
    { file: path.join(folder, 'chosen.csv'), count: 1 },
  ])
  expect(readFileSync(path.join(folder, 'chosen.csv'), 'utf8')).toMatch(/^id,organizationId,/)
})

test('an export that can write only a part of its file, as on a full disk, ends with one line and leaves no half of a file', async () => {
  for (let n = 0; n < 101; n++) await submit(`large ${n}`)
  // No file may become larger than 8 blocks, which is a few KiB.
  const failed = await builtJobyard(onDatabase, ['export', 'large.ndjson', '--type', 'test.noop'], 'ulimit -f 8')
  expect([failed.code, failed.out]).toEqual([1, ''])
  expect(failed.err).toMatch(/^\S+large\.ndjson could not be written: EFBIG: .+ What was written of it is removed\.\n$/)
  expect(existsSync(path.join(folder, 'large.ndjson'))).toBe(false)
})

test('one job that cannot be canceled does not keep the others from it, and all outcomes are told', async () => {
  // No job has the second id.
  const ids = [(await submit('first')).id, '01a228f3-babc-749c-92a4-96819ad95211', (await submit('last')).id]
  const canceled = await jobyard(overApi, 'cancel', ...ids)
  expect(canceled.code).toBe(1)
  expect(canceled.out.trim().split('\n')).toEqual([`${ids[0]} is canceled.`, `${ids[2]} is canceled.`])
  expect(canceled.err).toMatch(new RegExp(`^${ids[1]}: .+\\n$`))
  const retried = await jobyard(overApi, '--json', 'retry', ...ids)
  expect([retried.code, retried.err]).toEqual([1, ''])
  expect(retried.json()).toMatchObject([
    { id: ids[0], job: { status: 'PENDING' } },
    { id: ids[1], error: { reason: 'NOT_FOUND' } },
    { id: ids[2], job: { status: 'PENDING' } },
  ])
})

test('the key of a local run goes to the local address only, and a given key is used before it', async () => {
  const local = { JOBYARD_LOCAL_URL: server.url, JOBYARD_LOCAL_KEY: world.keys.root!, DATABASE_URL: database.url }
  expect((await jobyard(local, '--json', 'organizations', 'list')).json().length).toBeGreaterThan(1)
  for (const [env, args] of [
    [local, ['--url', server.url]],
    [{ ...local, JOBYARD_URL: server.url }, []],
  ] as const)
    expect((await jobyard(env, ...args, 'jobs')).err).toContain('JOBYARD_API_KEY is not set.')
  const viewer = { ...local, JOBYARD_API_KEY: world.keys['acme.VIEWER']! }
  const refused = await jobyard(viewer, '--json', 'pause', '--org', 'acme')
  expect(JSON.parse(refused.err)).toMatchObject({ error: { reason: 'NOT_PERMITTED' } })
  const withoutAddress = { DATABASE_URL: database.url, JOBYARD_API_KEY: world.keys['acme.VIEWER']! }
  expect((await jobyard(withoutAddress, 'jobs')).err).toContain('JOBYARD_API_KEY is set, but no address is.')
})

test.each([
  ['a command that there is not', ['stop'], 'COMMAND', "unknown command 'stop'"],
  ['a command of several that is missing', ['keys'], 'COMMAND', 'Say which command.'],
  ['an option that is missing', ['users', 'invite', 'a@example.com'], 'COMMAND', '--role'],
  ['an environment that is wrong', ['doctor'], 'ENVIRONMENT', 'NEXTAUTH_SECRET is not set'],
  ['an address that is none', ['users', 'system-admin', 'ops'], 'COMMAND', '"ops" is no email address.'],
])(
  'with --json %s is told as JSON, and the command returns instead of ending the process',
  async (_, args, reason, message) => {
    const { code, out, err } = await jobyard(onDatabase, ...args, '--json')
    expect([code, out]).toEqual([1, ''])
    expect(JSON.parse(err)).toEqual({ error: { reason, message: expect.stringContaining(message) } })
  },
)

test('somebody with the database’s password gives a person who has forgotten theirs another, and is told where there is no such account', async () => {
  await jobyard(onDatabase, 'users', 'system-admin', 'forgetful@example.com')
  const given = await jobyard(onDatabase, '--json', 'users', 'new-password', 'forgetful@example.com')
  expect(given.json()).toEqual({ email: 'forgetful@example.com', password: expect.any(String) })
  const unknown = await jobyard(onDatabase, 'users', 'new-password', 'nobody@example.com')
  expect(unknown).toMatchObject({ code: 1, out: '', err: 'No account has the address nobody@example.com.\n' })
  expect((await jobyard(overApi, 'users', 'new-password', 'forgetful@example.com')).err).toContain(
    'DATABASE_URL is not set',
  )
})

test('a database that does not answer is told to whoever makes a system admin, and the command returns instead of ending the process', async () => {
  const away = { DATABASE_URL: 'postgresql://nobody:none@127.0.0.1:1/none' }
  const { code, err } = await jobyard(away, 'users', 'system-admin', 'ops@example.com', '--json')
  expect([code, JSON.parse(err)]).toMatchObject([1, { error: { reason: 'COMMAND' } }])
})

test('a key whose time is over is called expired', async () => {
  const made = await jobyard(onDatabase, '--json', 'keys', 'create', 'old', '--org', 'acme', '--role', 'VIEWER')
  await server.services.db.apiKey.update({
    where: { id: made.json().apiKey.id },
    data: { createdAt: new Date('2026-01-01'), expiresAt: new Date('2026-02-01') },
  })
  expect((await jobyard(onDatabase, 'keys', 'list', '--org', 'acme')).out).toMatch(/old .*expired 2026-02-01/)
})

test('top prints one look where no terminal is; names of others cannot write over the screen', async () => {
  await server.services.db.worker.create({
    data: {
      id: '01a228f3-0000-7000-8000-000000000001',
      host: 'a-host\u001b[2J',
      pid: 1,
      isolatedSlots: 4,
      inlineSlots: 100,
    },
  })
  const { out, err, code } = await jobyard(overApi, 'top')
  expect([err, code]).toEqual(['', 0])
  expect(out).toContain('POOL')
  expect(out).toContain('01a228f3-0000-7000-8000-000000000001')
  expect(out).not.toContain('\u001b')
})

test.each([
  [
    'no address and no database',
    ['jobs'],
    {},
    'Say which Jobyard is meant: set JOBYARD_URL and JOBYARD_API_KEY, or DATABASE_URL',
  ],
  ['an address without a key', ['jobs'], { JOBYARD_URL: 'http://127.0.0.1:1' }, 'JOBYARD_API_KEY is not set.'],
  [
    'an address that is none',
    ['jobs'],
    { JOBYARD_URL: 'jobs.example.com' },
    'It should look like https://jobs.example.com.',
  ],
  [
    'a state that there is not',
    ['jobs', '--status', 'DONE'],
    'database',
    '--status is "DONE". It must be one of PENDING,',
  ],
  ['a time that is none', ['jobs', '--since', 'yesterday'], 'database', '--since is "yesterday". It must be a time'],
  ['nothing to pause', ['pause'], 'database', 'Say what: --platform, --type JOB-TYPE or --org ORGANIZATION.'],
  ['no worker to drain', ['drain'], 'database', 'Name workers, or say --all. `jobyard workers` lists them.'],
  [
    'both all workers and one',
    ['drain', '019f0000-0000-7000-8000-000000000000', '--all'],
    'database',
    'Name workers or say --all, not both.',
  ],
  ['a command that there is not', ['stop'], 'database', "unknown command 'stop'"],
  [
    'a web that is down',
    ['pauses'],
    { JOBYARD_URL: 'http://127.0.0.1:1', JOBYARD_API_KEY: 'jy_live_x' },
    'did not answer',
  ],
] as const)('%s is told on standard error, and the exit code is 1', async (_, args, env, line) => {
  const { code, err, out } = await jobyard(env === 'database' ? onDatabase : env, ...args)
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain(line)
})
