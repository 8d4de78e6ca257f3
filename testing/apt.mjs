import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { run } from '../launcher/processes.mjs'
import { onPath } from './programs.mjs'

/**
 * Unpacks Debian packages and what they need into a folder, as any user and without touching the
 * system. False where that is impossible.
 * @param {string[]} packages
 * @param {string} folder
 */
export async function unpackDebian(packages, folder) {
  if (!onPath('apt-get') || !onPath('dpkg')) return false
  const state = path.join(folder, 'apt')
  const archives = path.join(state, 'cache/archives')
  for (const part of [path.join(state, 'lists/partial'), path.join(archives, 'partial')])
    mkdirSync(part, { recursive: true })
  // apt keeps its lists and downloads in these folders. Without a lock of the system's, and without changing to the user
  // _apt, who may not write here, anybody can run it.
  const options = [
    '-o',
    `Dir::State::lists=${state}/lists`,
    '-o',
    `Dir::Cache=${state}/cache`,
    '-o',
    'Debug::NoLocking=1',
    '-o',
    'APT::Sandbox::User=root',
    '-o',
    'Acquire::Retries=2',
    '-o',
    'Acquire::http::Timeout=30',
    '-qq',
  ]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  if ((await run('apt-get', [...options, 'update'], { env })).code !== 0) return false
  const install = ['install', '-y', '--download-only', '--no-install-recommends', ...packages]
  if ((await run('apt-get', [...options, ...install], { env })).code !== 0) return false
  for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    if ((await run('dpkg', ['-x', path.join(archives, name), path.join(folder, 'root')], { env })).code !== 0)
      return false
  }
  return existsSync(path.join(folder, 'root'))
}

/** Where unpacked libraries lie, for LD_LIBRARY_PATH. @param {string} folder */
export function libraryPath(folder) {
  const parts = ['usr/lib', 'lib'].flatMap((base) => {
    const full = path.join(folder, 'root', base)
    if (!existsSync(full)) return []
    return [
      full,
      ...readdirSync(full)
        .filter((name) => name.includes('-linux-'))
        .map((name) => path.join(full, name)),
    ]
  })
  return parts.join(':')
}
