import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { clone, command, state } from './command.fixture.mjs'
import { freePort } from './ports.mjs'
import { run, until } from './processes.mjs'

/**
 * @typedef {object} Block a listing of the guide
 * @property {string} language
 * @property {string} what what the test does with it; empty: it is shown, and not run
 * @property {string} content
 */

/** @param {string} text @returns {Block[]} */
function listings(text) {
  const found = text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, language = '', what = '', content = '']) => ({ language, what, content }))
}

/** How long it may take until what a listing says has come true. */
const patience = 60_000

test('an author follows docs/handlers.md and the README: every command and listing does what the pages say', async () => {
  const folder = path.join(clone, 'handlers')
  rmSync(folder, { recursive: true, force: true })
  const readme = readFileSync(path.join(clone, 'README.md'), 'utf8').split(/^## /m)
  const blocks = [
    ...listings(readFileSync(path.join(clone, 'docs/handlers.md'), 'utf8')),
    ...listings(readme.find((part) => part.startsWith('Write a handler')) ?? ''),
  ]
  expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(8)
  /** @type {ReturnType<typeof command> | undefined} */
  let dev
  let output = ''
  const wanted = (/** @type {string} */ content) => content.trim().split('\n')
  for (const { language, what, content } of blocks) {
    if (language === 'sh' && what === 'background') {
      expect(content.trim()).toBe('npm run dev')
      dev = command('dev', { PORT: String(await freePort()) })
      await dev.run(240)
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
      // What is only shown must not look as if it were run.
      expect([language, what]).toEqual([expect.stringMatching(/^(?:ts|json)$/), ''])
    }
  }
  expect(await dev?.stop()).toBe(0)
})

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
