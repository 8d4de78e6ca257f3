import { existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { inRoot } from '../launcher/paths.mjs'
import { run } from '../launcher/processes.mjs'
import { Refusal, step } from '../launcher/say.mjs'
import { libraryPath, unpackDebian } from './apt.mjs'
import { onPath } from './programs.mjs'

const macBrowsers = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Chromium without a window. The same pages take it half the time of the processor (decision 0133). */
const HEADLESS_SHELL = 'chromium-headless-shell'

/**
 * A Chromium for the browser tests: CHROMIUM_PATH, an installed headless shell, Playwright's own, another one that is
 * installed, or else one that is fetched (from Playwright's servers, or Debian's).
 * @returns {Promise<{ file: string, libraries?: string }>}
 */
export async function findChromium() {
  const named = process.env.CHROMIUM_PATH
  if (named) {
    if (existsSync(named)) return { file: named }
    throw new Refusal(`CHROMIUM_PATH names ${named}, which does not exist.`)
  }
  const shell = onPath(HEADLESS_SHELL)
  if (shell) return { file: shell }
  const { chromium } = await import('@playwright/test')
  const own = chromium.executablePath()
  if (existsSync(own)) return { file: own }
  const installed = findInstalled()
  if (installed) return { file: installed }
  return step('Fetching a browser', async () => {
    const cli = inRoot('node_modules/@playwright/test/cli.js')
    await run(process.execPath, [cli, 'install', 'chromium'], { timeout: 240_000 })
    if (existsSync(own)) return { file: own }
    const fetched = process.getuid?.() === 0 ? await installFromDebian() : await unpackFromDebian()
    if (fetched) return fetched
    throw new Refusal(
      'The browser tests need Chromium and none could be had: run `npx playwright install --with-deps chromium`, or set CHROMIUM_PATH.',
    )
  })
}

function findInstalled() {
  return (
    onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome') ??
    macBrowsers.find((file) => existsSync(file)) ??
    null
  )
}

async function installFromDebian() {
  if (!onPath('apt-get')) return null
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', HEADLESS_SHELL], { env })
  const file = onPath(HEADLESS_SHELL)
  return file ? { file } : null
}

async function unpackFromDebian() {
  const folder = inRoot('.local/chromium')
  const file = path.join(folder, 'root/usr/lib/chromium/chromium')
  if (!existsSync(file)) {
    const fresh = `${folder}.${process.pid}`
    if (await unpackDebian(['chromium'], fresh)) {
      rmSync(path.join(fresh, 'apt'), { recursive: true, force: true })
      rmSync(folder, { recursive: true, force: true })
      renameSync(fresh, folder)
    }
    rmSync(fresh, { recursive: true, force: true })
  }
  return existsSync(file) ? { file, libraries: libraryPath(folder) } : null
}
