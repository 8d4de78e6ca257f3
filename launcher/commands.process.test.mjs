import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isServing, processBelow, clone, command, submitAndWait, state } from './command.fixture.mjs'
import { freePort } from './ports.mjs'
import { run } from './processes.mjs'

// The commands of package.json that run Jobyard, one after the other. The first one finds no data, no build and no
// database.

test('npm run dev runs an isolated handler, and its next job shows what was changed in the handler’s file', async () => {
  const handler = path.join(clone, 'worker/handlers/sample.work.ts')
  const before = readFileSync(handler, 'utf8')
  const changed = before.replace('return params.data ?? null', `return { changed: params.data ?? null }`)
  expect(changed).not.toBe(before)
  const dev = command('dev', { PORT: String(await freePort()) })
  try {
    const running = await dev.run(180)
    expect(await submitAndWait(running, 'sample.work', { data: 1 })).toMatchObject({ status: 'COMPLETED', result: 1 })

    const { worker } = running.pids
    writeFileSync(handler, 'export default {')
    await dev.waitFor(() => dev.output().includes('its code does not build'), 30)
    expect(await submitAndWait(running, 'sample.work', { data: 2 })).toMatchObject({ status: 'COMPLETED', result: 2 })

    writeFileSync(handler, changed)
    await dev.waitFor(() => dev.now().pids.worker !== worker, 30)
    expect(await submitAndWait(running, 'sample.work', { data: 3 })).toMatchObject({
      status: 'COMPLETED',
      result: { changed: 3 },
    })
    expect(await dev.stop()).toBe(0)
  } finally {
    // The file is put back, so that the next build in this copy is not affected.
    writeFileSync(handler, before)
  }
})

test('npm start runs handlers of one’s own beside a file that does not build; a web process that hangs is replaced, there and under npm run web; nobody else can read what they write', async () => {
  const main = command('start', { PORT: String(await freePort()), JOBYARD_HANDLERS: ownHandlers() })
  const running = await main.run(240)
  expect(main.output()).toContain('half.ts does not build: half.ts:1')
  expect(await submitAndWait(running, 'own.every', { every: '2h' })).toMatchObject({
    status: 'COMPLETED',
    result: { ms: 7_200_000 },
  })
  // This job leaves a file, so that the storage holds something.
  expect(await submitAndWait(running, 'report.operations', {})).toMatchObject({ status: 'COMPLETED' })

  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const part = command('web', {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: running.databaseUrl,
    STORAGE_DIR: path.join(state, 'storage'),
    NEXTAUTH_URL: url,
    // Another secret would be refused, because the process that `npm start` runs has this one.
    NEXTAUTH_SECRET: JSON.parse(readFileSync(path.join(state, 'secrets.json'), 'utf8')).nextAuthSecret,
  })
  await part.waitFor(() => isServing(url), 60)
  // Both addresses belong to the same installation.
  expect(await submitAndWait({ ...running, url }, 'sample.work', { data: 4 })).toMatchObject({ status: 'COMPLETED' })

  const hung = [running.pids.web ?? 0, processBelow(part.pid, 'dist/web.mjs')]
  for (const pid of hung) process.kill(pid, 'SIGSTOP')
  expect(await Promise.all([running.url, url].map(isServing))).toEqual([false, false])
  await main.waitFor(() => main.now().pids.web !== hung[0] && isServing(running.url), 40)
  await part.waitFor(() => ![0, hung[1]].includes(processBelow(part.pid, 'dist/web.mjs')) && isServing(url), 40)
  for (const { output } of [main, part]) expect(output()).toMatch(/web has not answered for \d+ s; killing it/)

  expect(openToOthers(state)).toEqual([])
  expect(lstatSync(state).mode & 0o067).toBe(0) // The database's user passes through this folder where root runs the test.
  expect(readdirSync(path.join(state, 'storage')).length).toBeGreaterThan(1)
  expect(readdirSync(path.join(state, 'logs')).length).toBeGreaterThan(2)
  expect(await part.stop()).toBe(0)
  expect(await main.stop()).toBe(0)
})

/** A folder outside of the clone with a handler that needs a package, and a file that does not build. */
function ownHandlers() {
  const folder = `${state}-handlers`
  mkdirSync(folder, { recursive: true })
  const files = {
    'package.json': JSON.stringify({ private: true, type: 'module', dependencies: { ms: '2.1.3' } }),
    'half.ts': 'export default {',
    'own.every.ts': `import ms from 'ms'
      import { defineHandler, z } from '@jobyard/handler'
      export default defineHandler({
        key: 'own.every', isolated: false, schema: z.strictObject({ every: z.string() }), jobType: {},
        async run({ every }) { return { ms: ms(every) } },
      })`,
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
  return folder
}

test('a worker that cannot keep artifacts exits with 1 and one line that names STORAGE_DIR', async () => {
  mkdirSync(state, { recursive: true })
  const file = path.join(state, 'no-folder')
  writeFileSync(file, '')
  // Nothing answers at this address, and nothing has to: the folder is checked first.
  const env = { ...process.env, NODE_ENV: 'production', DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none' }
  for (const storage of [
    path.join(file, 'storage'),
    file,
    ...(process.platform === 'linux' ? ['/proc/storage'] : []),
  ]) {
    const { code, output } = await run(process.execPath, [path.join(clone, 'dist/worker.mjs')], {
      cwd: clone,
      env: { ...env, STORAGE_DIR: storage },
    })
    expect(output).toMatch(
      new RegExp(
        `^Jobyard cannot start: STORAGE_DIR ${storage} cannot be written to \\(E[A-Z]+\\)\\. Name a folder that this process can write to\\.\\n$`,
      ),
    )
    expect(code).toBe(1)
  }
})

/**
 * All files below a folder that others may read or write. Folders that belong to another user are left out.
 * @param {string} folder
 * @returns {string[]}
 */
function openToOthers(folder) {
  const { uid } = lstatSync(folder)
  return readdirSync(folder).flatMap((name) => {
    const found = path.join(folder, name)
    const stat = lstatSync(found)
    if (stat.isSymbolicLink()) return []
    return [
      ...(stat.mode & 0o077 ? [found] : []),
      ...(stat.isDirectory() && stat.uid === uid ? openToOthers(found) : []),
    ]
  })
}
