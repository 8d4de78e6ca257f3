import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configureMarkdown, variables } from './env-document'
import { ENV_WORDS, LAUNCHER_WORDS } from './env-words'

const file = (name: string) => new URL(`../${name}`, import.meta.url)
const all = [...variables(), ...Object.keys(LAUNCHER_WORDS)]

test('docs/configure.md is what the schemas of env.ts give (UPDATE_DOCS=1 writes it)', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(file('docs/configure.md'), configureMarkdown())
  expect(readFileSync(file('docs/configure.md'), 'utf8')).toBe(configureMarkdown())
})

test('docs/configure.md names the defaults of numbers, which are in the schema of the output alone', () => {
  for (const [name, preset] of [
    ['DRAIN_SECONDS', 15],
    ['ISOLATED_SLOTS', 4],
    ['INLINE_SLOTS', 100],
    ['MAX_UPLOAD_BYTES', 1_073_741_824],
    ['TRUSTED_PROXIES', 0],
  ])
    expect(configureMarkdown()).toMatch(new RegExp(`\\| \`${name}\` \\|[^\\n]*\\| \`${preset}\` \\(`))
})

test('every variable that a process reads is described, and no other is', () => {
  expect(Object.keys(ENV_WORDS).sort()).toEqual(variables().sort())
})

test.each(['.env.example', 'README.md'])('%s names every variable that a person sets', (name) => {
  const text = readFileSync(file(name), 'utf8')
  // What these files need not name. `npm start` itself sets the first. The others do not belong into an .env file.
  const own = new Set([
    'JOBYARD_EMBEDDED',
    ...(name === '.env.example' ? ['JOBYARD_STATE_DIR', 'JOBYARD_URL', 'JOBYARD_API_KEY'] : []),
  ])
  expect(all.filter((one) => !own.has(one) && !text.includes(one))).toEqual([])
})
