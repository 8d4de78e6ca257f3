import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadsInThread } from './build.mjs'
import { inRoot } from './paths.mjs'
import { run } from './processes.mjs'

/** @type {string} */
let folder
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jobyard-thread-loading-'))
  const names = Array.from({ length: 20_000 }, (_, n) => `v${n}`)
  await writeFile(path.join(folder, 'names-0.mjs'), names.map((name) => `export const ${name} = 1\n`).join(''))
  for (let n = 1; n < 12; n++)
    await writeFile(path.join(folder, `names-${n}.mjs`), `export * from './names-${n - 1}.mjs'\n`)
  const imports = `import { ${names.join()} } from './names-11.mjs'\n`
  await writeFile(path.join(folder, 'heavy.mjs'), `${imports}export default () => 'has run'\n`)
  await writeFile(path.join(folder, 'heavy.cjs'), loadsInThread('./heavy.mjs'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// The module takes half a second to load, most of it the names that it imports. That is the time in which a thread that
// was loaded by `require` would take the process along.
test('a process outlives its threads that are stopped while they load, and the last of them runs its task', async () => {
  const script = `
    const { Piscina } = require('piscina')
    const open = () => new Piscina({ filename: ${JSON.stringify(path.join(folder, 'heavy.cjs'))}, maxThreads: 1, atomics: 'disabled' })
    const stopAfter = async (ms) => {
      const threads = open()
      threads.run({}).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, ms))
      await threads.destroy()
    }
    void (async () => {
      for (let ms = 60; ms <= 600; ms += 40) await stopAfter(ms)
      const threads = open()
      console.log(await threads.run({}))
      await threads.destroy()
    })()`
  const { code, output } = await run(process.execPath, ['-e', script], { cwd: inRoot('.') })
  expect(output).toBe('has run\n')
  expect(code).toBe(0)
}, 60_000)
