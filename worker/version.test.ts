import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { versionOf } from './version'

const repository = mkdtempSync(path.join(tmpdir(), 'jobyard-version-'))
afterAll(() => rmSync(repository, { recursive: true, force: true }))

test('a worker tells the commit of its own clone, and not that of a repository around it', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: repository })
  git('init', '--quiet')
  git('commit', '--quiet', '--allow-empty', '--message', 'first')
  const unpacked = path.join(repository, 'unpacked')
  mkdirSync(unpacked)
  for (const folder of [repository, unpacked]) writeFileSync(path.join(folder, 'package.json'), '{"version":"1.2.3"}')
  expect(await versionOf(repository)).toEqual({
    version: '1.2.3',
    commit: git('rev-parse', '--short=10', 'HEAD').toString().trim(),
  })
  expect(await versionOf(unpacked)).toEqual({ version: '1.2.3', commit: null })
})
