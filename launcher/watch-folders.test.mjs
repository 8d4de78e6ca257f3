import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { watchFolderThatMayGo } from './watch-folders.mjs'

test('a folder of handlers is followed when it is made later, and when it is removed and made anew', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'jobyard-watch-'))
  const folder = path.join(home, 'handlers')
  let saved = 0
  const watcher = await watchFolderThatMayGo(folder, () => void saved++)
  onTestFinished(async () => {
    await watcher.close()
    rmSync(home, { recursive: true, force: true })
  })
  await once(watcher, 'ready')
  /** @param {() => void} change */
  const sees = async (change) => {
    const before = saved
    change()
    await vi.waitFor(() => expect(saved).toBeGreaterThan(before), { timeout: 30_000 })
  }
  await sees(() => mkdirSync(folder))
  await sees(() => writeFileSync(path.join(folder, 'a.ts'), '1'))
  await sees(() => rmSync(folder, { recursive: true }))
  await sees(() => mkdirSync(folder))
  await sees(() => writeFileSync(path.join(folder, 'a.ts'), '2'))

  // What lies beside it, and packages within it, are not followed.
  mkdirSync(path.join(folder, 'node_modules'))
  writeFileSync(path.join(folder, 'node_modules', 'b.ts'), '1')
  writeFileSync(path.join(home, 'c.ts'), '1')
  await sees(() => writeFileSync(path.join(folder, 'd.ts'), '1'))
  const followed = watcher.getWatched()
  expect(followed[home]).toEqual(['handlers'])
  expect(followed[folder]).toEqual(['a.ts', 'd.ts'])
  expect(followed).not.toHaveProperty([path.join(folder, 'node_modules')])
})
