import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { clone, command, state, submitAndWait } from './command.fixture.mjs'
import { inRoot } from './paths.mjs'
import { freePort } from './ports.mjs'
import { run, until } from './processes.mjs'

/**
 * @typedef {object} Block a listing of the guide
 * @property {string} language
 * @property {string} what what the test does with it. A command: `run` or `fails` (it is run, and ends so), `background`
 *   (it is started) or `breakpoint` (it is run under a debugger). A file: its path, at which it is written. A text: `later`
 *   (its lines come in the output of `npm run dev`), or nothing (they were in the output of the last command). `launch` is
 *   not used
 * @property {string} content
 */

/** @param {string} text @returns {Block[]} */
function listings(text) {
  const found = text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, language = '', what = '', content = '']) => ({ language, what, content }))
}

/** How long it may take until what a listing says has come true. */
const patience = 60_000

/** Commands that the guide names in its text and that other tests run. */
const runElsewhere = ['npm install', 'npm start', 'npm run worker', 'npm run build']

test('an author follows docs/handlers.md and the README: every command and listing does what the pages say', async () => {
  const folder = path.join(clone, 'handlers')
  rmSync(folder, { recursive: true, force: true })
  const guide = readFileSync(path.join(clone, 'docs/handlers.md'), 'utf8')
  const readme = readFileSync(path.join(clone, 'README.md'), 'utf8').split(/^## /m)
  const blocks = [...listings(guide), ...listings(readme.find((part) => part.startsWith('Write a handler')) ?? '')]
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ content }) => content)
  expect(commands.length).toBeGreaterThan(12)
  // A command in the running text is run by a listing, too.
  const named = [...guide.matchAll(/`(npm [^`]+)`/g)].map(([, name = '']) => name)
  expect(named.filter((name) => !runElsewhere.includes(name) && !commands.some((all) => all.includes(name)))).toEqual(
    [],
  )

  /** @type {ReturnType<typeof command> | undefined} */
  let dev
  const debuggerPort = await freePort()
  let output = ''
  const wanted = (/** @type {string} */ content) => content.trim().split('\n')
  const begun = performance.now()
  for (const { language, what, content } of blocks) {
    const from = performance.now()
    if (language === 'sh' && what === 'background') {
      // One start serves both listings: the second only adds the debugger, which is there from the beginning. Its port
      // is another one than the usual, which a process of this machine may have.
      expect(['npm run dev', 'npm run dev -- --inspect']).toContain(content.trim())
      dev ??= command('dev', { PORT: String(await freePort()) }, [`--inspect=${debuggerPort}`])
      await dev.run(240)
    } else if (language === 'sh' && what === 'breakpoint') {
      output = await stopsAtBreakpoint(debuggerPort, content)
    } else if (language === 'sh') {
      const { code, output: said } = await shell(content)
      output = stripVTControlCharacters(said)
      expect(code === 0 ? 'run' : 'fails', `${content}\n${output}`).toBe(what)
    } else if (what.startsWith('handlers/')) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path.join(clone, what), content)
      const key = path.basename(what, '.ts')
      if (!key.endsWith('.test')) expect(await until(() => isThere(dev, key), patience), dev?.output()).toBe(true)
    } else if (language === 'text' && what === 'later') {
      for (const line of wanted(content))
        expect(await until(() => dev?.output().includes(line) ?? false, patience), `${line}\n${dev?.output()}`).toBe(
          true,
        )
    } else if (language === 'text') {
      for (const line of wanted(content)) expect(output).toContain(line)
    } else {
      // Nothing else is shown but the settings of an editor.
      expect([language, what]).toEqual(['json', 'launch'])
    }
    const seconds = (performance.now() - from) / 1000
    if (seconds > 0.5)
      process.stdout.write(`guide: ${seconds.toFixed(1)} s ${what || language} ${content.slice(0, 70)}\n`)
    if (content.startsWith('npm run try -- statement.all'))
      expect(await until(() => isSummedUp(dev), patience), dev?.output()).toBe(true)
    if (content.startsWith('npm run try -- hello.world') && what === 'run') await reloads(dev)
  }
  process.stdout.write(`guide: ${((performance.now() - begun) / 1000).toFixed(0)} s in all, without reading\n`)
  expect(await dev?.stop()).toBe(0)
})

/**
 * A change of a handler is in the next job. How long that takes is printed. It may take 2 s on a machine that does
 * nothing else, and 10 s on one that also runs other tests.
 * @param {ReturnType<typeof command> | undefined} dev
 */
async function reloads(dev) {
  const file = path.join(clone, 'handlers/hello.world.ts')
  const before = readFileSync(file, 'utf8')
  const run = dev?.now()
  if (!run) throw new Error('npm run dev does not run')
  const greets = (/** @type {string} */ greeting) => async () =>
    isDeepStrictEqual((await submitAndWait(run, 'hello.world', { name: randomUUID() })).result, { hello: greeting })
  for (const greeting of ['one', 'two', 'three']) {
    const from = performance.now()
    writeFileSync(file, before.replace('hello: name', `hello: '${greeting}'`))
    expect(await until(greets(greeting), 20_000, 50), dev?.output()).toBe(true)
    const ms = performance.now() - from
    process.stdout.write(`guide: a saved handler runs after ${ms.toFixed(0)} ms (load ${loadavg()[0]?.toFixed(1)})\n`)
    expect(ms).toBeLessThan((loadavg()[0] ?? 0) < 1 ? 2_000 : 10_000)
  }
  writeFileSync(file, before)
  expect(await until(async () => !(await greets('three')()), 20_000, 50)).toBe(true)
}

/**
 * Runs a job while a debugger waits at a line of its handler, lets it go on, and returns what the command said.
 * @param {number} port
 * @param {string} script
 */
async function stopsAtBreakpoint(port, script) {
  const file = path.join(clone, 'handlers/hello.world.ts')
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('ctx.progress(50')) + 1
  // A file that was removed a moment ago starts the worker anew. Then the debugger that came before it is gone.
  for (let round = 0; round < 3; round++) {
    expect((await shell(script)).code, 'the thread has loaded the handler').toBe(0)
    const debug = attach(port, file)
    try {
      if (!(await until(() => debug.said().includes('waits'), 10_000))) continue
      const { code, output } = await shell(script)
      expect(debug.said()).toContain(`stopped at hello.world.ts:${line}`)
      expect(code, output).toBe(0)
      return stripVTControlCharacters(output)
    } finally {
      debug.end()
    }
  }
  throw new Error('no breakpoint could be set')
}

/** @param {number} port @param {string} file */
function attach(port, file) {
  const debug = spawn(
    process.execPath,
    ['--experimental-websocket', inRoot('launcher/debugger.fixture.mjs'), String(port), file, 'ctx.progress(50'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  debug.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (said += text))
  return { said: () => said, end: () => debug.kill() }
}

/** @param {string} script */
const shell = (script) =>
  run('/bin/sh', ['-ec', script], {
    cwd: clone,
    env: { ...process.env, JOBYARD_STATE_DIR: state, NODE_ENV: undefined, FORCE_COLOR: undefined },
  })

/**
 * Whether the job type of a handler exists.
 * @param {ReturnType<typeof command> | undefined} dev
 * @param {string} name
 */
async function isThere(dev, name) {
  const { url, apiKeys } = dev?.now() ?? { url: '', apiKeys: [] }
  const input = encodeURIComponent(JSON.stringify({ name }))
  const headers = { authorization: `Bearer ${apiKeys[0]?.key}` }
  return fetch(`${url}/api/trpc/jobTypes.get?input=${input}`, { headers }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/**
 * Whether the last job of the section on children has read what the others made.
 * @param {ReturnType<typeof command> | undefined} dev
 */
async function isSummedUp(dev) {
  const { url, apiKeys } = dev?.now() ?? { url: '', apiKeys: [] }
  const headers = { authorization: `Bearer ${apiKeys[0]?.key}` }
  /** @param {string} name @param {object} given */
  const ask = async (name, given) => {
    const answer = await fetch(`${url}/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify(given))}`, {
      headers,
    })
    return (await answer.json()).result?.data
  }
  const found = await ask('jobs.list', { jobType: ['statement.sum'], status: ['COMPLETED'] })
  const jobId = found?.items[0]?.id
  if (!jobId) return false
  const [job, logs] = [await ask('jobs.get', { jobId }), await ask('jobs.logs', { jobId })]
  const lines = logs.items.map((/** @type {{ message: string }} */ { message }) => message)
  return (
    // The sum that the guide's listings come to, and a line that only the files of the other jobs hold.
    job.result.total === 1_800 && lines.some((/** @type {string} */ line) => line.startsWith('grace.txt: Subscription'))
  )
}
