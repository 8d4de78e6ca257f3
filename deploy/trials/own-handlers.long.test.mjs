import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ensureHandlerDependencies } from '../../launcher/handlers-install.mjs'
import { inRoot } from '../../launcher/paths.mjs'
import { run, until } from '../../launcher/processes.mjs'
import { startDebianPostgres } from '../../testing/postgres.mjs'
import { install } from './installation.mjs'

// Somebody's handlers with a package of npm, in a folder outside of the clone. The clone is brought to this version by a
// merge, and the handlers run before and after it.

/** The commit to upgrade from. */
const from = process.env.UPGRADE_FROM ?? 'a565ff4'
const folder = process.env.TEST_FOLDER ?? ''
const clone = process.env.TEST_CLONE ?? ''
const merged = path.join(folder, 'merged')
const handlers = path.join(folder, 'somebodys-handlers')

/** @type {(() => Promise<unknown>)[]} */
const endings = []
afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

/** @param {string} command in the clone that is merged */
async function shell(command) {
  const { code, output } = await run('bash', ['-euc', `set -o pipefail; ${command}`], { cwd: merged })
  expect(code, output).toBe(0)
  return output.trim()
}

/** Builds the worker of the clone as it is, and the handlers with it. @returns {Promise<string>} their build */
async function build() {
  const script = `
    const { buildServer, hashSources } = await import('${merged}/launcher/build.mjs')
    const { buildHandlers } = await import('${merged}/launcher/handlers.mjs')
    await buildServer(hashSources())
    const { folder, problems } = await buildHandlers('${merged}/dist', { folder: '${handlers}', silent: true })
    console.log(JSON.stringify({ folder, problems }))`
  const output = await shell(
    `node node_modules/prisma/build/index.js generate > /dev/null && node --input-type=module -e "${script.replaceAll('"', '\\"')}"`,
  )
  const built = JSON.parse(output.split('\n').at(-1) ?? '')
  expect(built.problems).toEqual([])
  return built.folder
}

test('a merge of this version has no conflict, and handlers outside of the clone with their package run as before', async () => {
  mkdirSync(merged)
  await shell(`git clone -q '${inRoot()}' . && git checkout -q -b mine ${from}`)
  // The packages of this release serve the former one, too: what it used is still among them.
  await shell(`cp -al '${inRoot('node_modules')}' node_modules`)
  mkdirSync(handlers)
  writeFileSync(
    path.join(handlers, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { ms: '2.1.3' } }),
  )
  writeFileSync(
    path.join(handlers, 'own.every.ts'),
    `import ms from 'ms'
     import { defineHandler, z } from '@jobyard/handler'
     export default defineHandler({
       key: 'own.every', isolated: true, schema: z.strictObject({ every: z.string() }), jobType: { timeoutSeconds: 60 },
       async run({ every }) { return { ms: ms(every) } },
     })`,
  )
  await ensureHandlerDependencies(handlers)

  const postgres = await startDebianPostgres(
    path.join(folder, 'merge-postgres'),
    (supervisor) => void endings.push(() => supervisor.stop()),
  )
  const data = path.join(folder, 'merge-data')
  mkdirSync(data)
  const jobyard = await install({ clone, databaseUrl: postgres.url, folder: data })
  endings.push(jobyard.stop)
  const { url } = await jobyard.web(clone)
  const { id: organizationId } = await jobyard.call(url, 'organizations.create', { name: 'Acme', slug: 'acme' })
  /** @param {string} procedure @param {object} input */
  const ask = async (procedure, input) => {
    const answer = await fetch(`${url}/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers: { authorization: `Bearer ${jobyard.key}` },
    })
    return (await answer.json()).result?.data
  }
  const carriedOut = async () => {
    expect(await until(async () => (await ask('jobTypes.get', { name: 'own.every' })) !== undefined, 30_000)).toBe(true)
    const job = { jobType: 'own.every', parameters: { every: '2h' }, dedupe: false }
    const { id: jobId } = await jobyard.call(url, 'jobs.submit', { organizationId, ...job })
    const over = async () => (await ask('jobs.get', { jobId })).status === 'COMPLETED'
    expect(await until(over, 60_000), JSON.stringify(await ask('jobs.get', { jobId }))).toBe(true)
    return (await ask('jobs.get', { jobId })).result
  }

  const former = await jobyard.worker('former', merged, await build())
  expect(await carriedOut()).toEqual({ ms: 7_200_000 })
  await jobyard.call(url, 'jobTypes.update', { name: 'own.every', changes: { timeoutSeconds: 77 } })
  await former.stop()

  const present = (await run('git', ['rev-parse', 'HEAD'], { cwd: inRoot() })).output.trim()
  expect(await shell('git status --porcelain')).toBe('')
  await shell(`git -c user.name=A -c user.email=a@example.com merge -q --no-edit ${present}`)
  expect(await shell('git status --porcelain')).toBe('')
  await jobyard.worker('present', merged, await build())
  expect(await carriedOut()).toEqual({ ms: 7_200_000 })
  // What somebody has set stays, although the handler says 60.
  expect(await ask('jobTypes.get', { name: 'own.every' })).toMatchObject({ timeoutSeconds: 77 })
}, 600_000)
