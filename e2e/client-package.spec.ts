import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, test } from './test'
import { clone, databaseUrl } from './instance'
import { baseUrl, demo, home, key, withKey } from './world'

// The client package as a developer gets it, and what README.md and examples/ tell them to do with it.

const readme = readFileSync(path.join(clone, 'README.md'), 'utf8')

/** The blocks of code in a section of the README, in one language, word for word. */
function blocks(section: string, language: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? ''
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code = '']) => code)
}
function block(section: string, language: string, containing: string): string {
  const found = blocks(section, language).find((code) => code.includes(containing))
  if (!found) throw new Error(`README.md, "${section}": no block of ${language} with ${containing}`)
  return found
}

/** Runs a command to its end, or until `enough` returns true for what the command has printed. */
async function run(
  command: string,
  args: string[],
  cwd: string,
  {
    env = {},
    enough = () => false as boolean,
  }: { env?: Record<string, string>; enough?: (output: string) => boolean } = {},
): Promise<string> {
  // The command gets a process group of its own, together with everything that it starts.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, FORCE_COLOR: '0', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (!ended && enough(output)) {
        ended = true
        process.kill(-child.pid!, 'SIGTERM')
      }
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 && !ended) throw new Error(`${command} ${args[0]} ended with ${code}:\n${output}`)
  return output
}

const hello = path.join(clone, '.local/hello')
const tarball = path.join(clone, 'client/jobyard-client-0.1.0.tgz')

test.describe.serial('a developer', () => {
  test.beforeAll(async () => {
    test.setTimeout(180_000)
    rmSync(hello, { recursive: true, force: true })
    await run('bash', ['-ec', block('Submit a job and watch it', 'sh', 'client:pack')], clone)
  })

  test('a developer runs the client as the README says', async () => {
    writeFileSync(path.join(hello, 'hello.mjs'), block('Submit a job and watch it', 'ts', 'createJobyardClient'))
    const output = await run(process.execPath, ['hello.mjs'], hello)
    expect(output).toMatch(/\d+ %\n/)
    expect(output.trimEnd()).toMatch(/COMPLETED { hello: 'world' }$/)
    expect(await run(process.execPath, ['hello.mjs'], hello)).toMatch(
      /The same job was submitted moments ago: [0-9a-f-]{36}/,
    )
  })

  test('a developer type-checks the client in an empty project, without any special setting @long', async () => {
    test.setTimeout(120_000)
    const [first = '', call = '', plain = ''] = [
      block('Submit a job and watch it', 'ts', 'createJobyardClient'),
      block('Call it', 'ts', 'submitMany'),
      block('Call it', 'ts', 'fetch('),
    ]
    const start = first.slice(0, first.indexOf('\nconst parameters'))
    const files = {
      'package.json': JSON.stringify({ private: true, type: 'module' }),
      'hello.ts': first,
      'call.ts': `${start}\n${call}`,
      'plain.ts': `${start}\nconst url = run.url\nconst organizationId = '${demo.home}'\n${plain}\nconsole.log(job.status)\nexport {}\n`,
      // What the types must refuse. The compiler complains of a line below `@ts-expect-error` that it would accept.
      'wrong.ts': `${start}
// @ts-expect-error there is no such parameter
await jobyard.submit({ jobTyp: 'sample.work' })
// @ts-expect-error a subscription is watched, not queried
await jobyard.api.jobs.watch.query({})
try {
  await jobyard.cancel('')
} catch (error) {
  if (isReason(error, 'ILLEGAL_TRANSITION')) {
    const from: 'COMPLETED' | 'CANCELED' | 'DEAD_LETTER' | 'PENDING' | 'QUEUED' | 'RUNNING' | 'FAILED' | 'TIMED_OUT' = error.data.from
    console.log(from)
    // @ts-expect-error this field belongs to another reason
    console.log(error.data.existingJobId)
  }
}
`,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(hello, name), text)
    const options = {
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      resolveJsonModule: true,
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: [],
    }
    const kinds = [
      { module: 'nodenext', moduleResolution: 'nodenext' },
      { module: 'esnext', moduleResolution: 'bundler' },
    ]
    for (const [n, kind] of kinds.entries()) {
      writeFileSync(
        path.join(hello, `tsconfig.${n}.json`),
        JSON.stringify({ compilerOptions: { ...options, ...kind }, include: ['*.ts'] }),
      )
      await run(
        process.execPath,
        [path.join(clone, 'node_modules/typescript/bin/tsc'), '-p', `tsconfig.${n}.json`],
        hello,
      )
    }
    // The same files also run as they are.
    for (const [file, said] of [
      ['call.ts', /COMPLETED \d+\n$/],
      ['plain.ts', /^PENDING\n$/],
    ] as const) {
      expect(
        await run(
          process.execPath,
          ['--no-warnings', '--import', path.join(clone, 'node_modules/tsx/dist/loader.mjs'), file],
          hello,
        ),
      ).toMatch(said)
    }
  })

  test('a developer who installs the client gets no code of the server with it', async () => {
    const packed = path.join(hello, 'node_modules/jobyard-client')
    const types = readFileSync(path.join(packed, 'dist/api.d.ts'), 'utf8')
    expect(types).not.toMatch(/^import\b|import\(|: any\b/m)
    expect(readFileSync(path.join(packed, 'dist/index.js'), 'utf8')).not.toMatch(/^import\b|import\(|require\(/m)
    expect(JSON.parse(readFileSync(path.join(packed, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies')
    // The types hold the procedures of the router. These few stand for all of them.
    const { items } = (
      await withKey('OPERATOR').query<{ items: { name: string }[] }>('jobTypes.list', { organizationId: home })
    ).data
    expect(items.length).toBeGreaterThan(0)
    for (const procedure of ['jobTypes: {', 'control: {', 'cancelMany: {', 'watch: {'])
      expect(types).toContain(procedure)
  })

  test('a developer calls the API with curl as the README says', async () => {
    const call = block('Submit a job and watch it', 'sh', 'jobs.submit')
    const output = await run('bash', ['-ec', call], clone)
    expect(output.trimEnd()).toMatch(/\nCOMPLETED {2}100 % {2}{"hello":"world"}$/)
    // The stream has no end. Its first events are those of the job that is submitted at the same time.
    const variables = call.slice(0, call.indexOf('\nJOB='))
    let submitted: Promise<unknown> | undefined
    const watching = run(
      'bash',
      ['-ec', `${variables}\n${block('Submit a job and watch it', 'sh', 'jobs.watch')}`],
      clone,
      {
        enough: (text) => {
          if (text.includes('event: connected') && !submitted)
            submitted = withKey('OPERATOR', demo.home).submit({ jobType: 'sample.noop', dedupe: false }, demo.home)
          return text.includes('"toStatus":"COMPLETED"')
        },
      },
    )
    expect(await watching).toMatch(/data: {.*"toStatus":"PENDING"/)
    await submitted
  })

  test('a developer runs the report service of the examples', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'report-service-'))
    cpSync(path.join(clone, 'examples/report-service'), folder, { recursive: true })
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], folder)
    const service = spawn(process.execPath, ['service.mjs'], {
      cwd: folder,
      env: { ...process.env, JOBYARD_URL: baseUrl, JOBYARD_API_KEY: key('OPERATOR'), PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(service.stdout.setEncoding('utf8'), 'data')) as [string]
      const address = /http:\S+?:\d+/.exec(line)?.[0] ?? ''
      // Two requests for the same report at once make one job, and both are answered.
      const answers = await Promise.all([1, 2].map(() => fetch(`${address}/reports/2026-01-01/2026-01-31`)))
      for (const answer of answers) {
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf'])
        expect(
          Buffer.from(await answer.arrayBuffer())
            .subarray(0, 5)
            .toString(),
        ).toBe('%PDF-')
      }
      const wrong = await fetch(`${address}/reports/2026-13-99/2026-01-31`)
      expect([wrong.status, await wrong.json()]).toEqual([
        400,
        expect.arrayContaining([expect.objectContaining({ path: 'parameters.from' })]),
      ])
    } finally {
      service.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a developer runs the orders of the examples, and finds both the order and its job, or neither of them', async () => {
    const output = await run(process.execPath, ['--import', 'tsx', 'examples/orders/main.ts'], clone, {
      env: { DATABASE_URL: databaseUrl },
    })
    const [, order, jobId] = /order (\S+) is handled by job (\S+)/.exec(output) ?? []
    const [, refused] = /order (\S+) was refused/.exec(output) ?? []
    expect([order, jobId, refused].every(Boolean), output).toBe(true)
    const database = new pg.Client({ connectionString: databaseUrl })
    await database.connect()
    const { rows } = await database.query('SELECT id, job_id FROM shop.orders WHERE id IN ($1, $2)', [order, refused])
    expect(rows).toEqual([{ id: order, job_id: jobId }])
    const jobs = await database.query('SELECT 1 FROM job_inputs WHERE parameters @> $1', [
      { data: { orderId: refused } },
    ])
    expect(jobs.rowCount).toBe(0)
    await database.query('DROP SCHEMA shop CASCADE')
    await database.end()
    await withKey('SYSTEM_ADMIN', null).until(jobId ?? '', 'COMPLETED')
  })
})
