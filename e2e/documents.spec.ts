import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from './test'
import { clone } from './instance'
import { baseUrl, home, key } from './world'

// The pages for those who use and run Jobyard: each of their commands and listings that is marked `run` runs against
// the running product.

interface Listing {
  language: string
  what: string
  content: string
}
function listings(page: string): Listing[] {
  const text = readFileSync(path.join(clone, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', what = '', content = '']) => ({
    language,
    what,
    content,
  }))
}

const env = (role: 'OPERATOR' | 'SYSTEM_ADMIN') => ({
  JOBYARD_URL: baseUrl,
  JOBYARD_API_KEY: key(role, role === 'SYSTEM_ADMIN' ? null : home),
  JOBYARD_ORGANIZATION: home,
})

/** Runs a program to its end, and gives what it printed. */
function run(command: string, args: string[], cwd: string, more: Record<string, string>): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, NODE_OPTIONS: '', ...more } })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', fail)
    child.on('exit', (code) => (code === 0 ? done(said) : fail(new Error(`${command} ended with ${code}:\n${said}`))))
  })
}

// Playwright reads this file in several processes. Only the one that runs the tests makes the folder.
let folder = ''
test.beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'jobyard-documents-'))
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('who follows docs/quick-start.md sees a job complete', async () => {
  mkdirSync(path.join(folder, '.local'), { recursive: true })
  const apiKeys = [{ role: 'OPERATOR', key: key('OPERATOR'), organizationId: home }]
  writeFileSync(path.join(folder, '.local/run.json'), JSON.stringify({ url: baseUrl, apiKeys }))
  const steps = listings('quick-start.md').filter(({ what }) => what === 'run')
  expect(steps).toHaveLength(3)
  const said = await run('/bin/sh', ['-euc', steps.map(({ content }) => content).join('\n')], folder, {})
  expect(said).toContain('"status":"COMPLETED"')
})

test('the service of docs/call-from-a-service.md works in TypeScript, Python and with curl, and twice with the same key @long', async () => {
  const found = Object.fromEntries(
    listings('call-from-a-service.md')
      .filter(({ what }) => what === 'run')
      .map(({ language, content }) => [language, content]),
  )
  expect(Object.keys(found).sort()).toEqual(['python', 'sh', 'ts'])
  for (let round = 0; round < 2; round++) {
    writeFileSync(path.join(folder, 'service.py'), found.python!)
    expect(await run('python3', ['service.py'], folder, env('OPERATOR'))).toBe(
      'COMPLETED {"order": "py-1"}\nINVALID_PARAMETERS parameters.durationMs\n',
    )
    expect(await run('/bin/sh', ['-euc', found.sh!], folder, env('OPERATOR'))).toBe('COMPLETED\n')
  }
  // The client as its package holds it, without the wait for its types; e2e/client-package.spec.ts tries the package.
  const installed = path.join(folder, 'node_modules/jobyard-client')
  await build({
    entryPoints: [path.join(clone, 'client/index.ts')],
    outfile: path.join(installed, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
  })
  writeFileSync(path.join(installed, 'package.json'), '{"type":"module","exports":"./index.js"}')
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(path.join(folder, 'service.ts'), found.ts!)
  const tsx = path.join(clone, 'node_modules/tsx/dist/cli.mjs')
  for (let round = 0; round < 2; round++)
    expect(await run(process.execPath, [tsx, 'service.ts'], folder, env('OPERATOR'))).toBe(
      'COMPLETED {"order":"ts-1"}\n',
    )
})

for (const page of readdirSync(path.join(clone, 'docs/operate')).filter((name) => name.endsWith('.md')))
  for (const [n, { content }] of listings(`operate/${page}`)
    .filter(({ language, what }) => language === 'sh' && what === 'run')
    .entries())
    test(`command ${n + 1} of docs/operate/${page} answers a system admin`, async () => {
      expect(await run('/bin/sh', ['-euc', content], folder, env('SYSTEM_ADMIN'))).toMatch(/^\{/)
    })
