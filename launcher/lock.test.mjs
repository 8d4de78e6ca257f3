import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { identify } from './processes.mjs'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-lock-')))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** The module, loaded for another state folder. @param {string} state */
async function lockIn(state) {
  vi.stubEnv('JOBYARD_STATE_DIR', state)
  vi.resetModules()
  return import('./lock.mjs')
}

test('a start stops the processes that a killed run left: PostgreSQL last, in its own fast way', async () => {
  const data = path.join(folder, 'postgres/data')
  mkdirSync(data, { recursive: true })
  const notes = path.join(folder, 'notes')
  const leave = async (/** @type {string} */ name) => {
    const script = `for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT']) process.on(signal, () => {
      require('fs').appendFileSync(${JSON.stringify(notes)}, '${name} ' + signal + '\\n')
      // As PostgreSQL, for which SIGTERM means to wait for its sessions.
      if ('${name}' === 'web' || signal !== 'SIGTERM') process.exit()
    }); setInterval(() => {}, 1000); console.log('up')`
    // Its command line looks like PostgreSQL's, or it would not be taken for the server that `postmaster.pid` names.
    const child = spawn(process.execPath, ['-e', script, name, '-D', data], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return child.pid ?? 0
  }
  const [web, postgres] = [await leave('web'), await leave('postgres')]
  writeFileSync(path.join(data, 'postmaster.pid'), `${postgres}\n${data}\n`)
  // Linux gives no process such a high id.
  const gone = { pid: 2 ** 22 + 1, stamp: 'of another machine' }
  writeFileSync(
    path.join(folder, 'start.json'),
    JSON.stringify({ supervisor: gone, url: null, children: { web: identify(web), postgres: identify(postgres) } }),
  )

  const { takeLock } = await lockIn(folder)
  const lock = await takeLock()
  expect(readFileSync(notes, 'utf8')).toBe('web SIGTERM\npostgres SIGINT\n')
  lock.release()
})

test.each([
  ['a file', () => folder + '/file'],
  ['below a file', () => folder + '/file/state'],
])('a state folder that is %s is refused in one line', async (_, state) => {
  writeFileSync(path.join(folder, 'file'), '')
  const { refuseUnusableState } = await lockIn(state())
  const line = /^JOBYARD_STATE_DIR: \S+ cannot be written to \(E[A-Z]+\)\. Name a folder that can, or leave it out\.$/
  expect(refuseUnusableState).toThrow(line)
})

test('a state folder that does not exist yet is accepted, and not made', async () => {
  const { refuseUnusableState } = await lockIn(path.join(folder, 'a/b'))
  refuseUnusableState()
  expect(existsSync(path.join(folder, 'a'))).toBe(false)
})
