import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
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
/** Where Debian's packages put Chromium. */
const SHELL_FOLDER = 'usr/lib/chromium'

/**
 * A Chromium for the browser tests: CHROMIUM_PATH, an installed headless shell, Playwright's own, a headless shell of
 * Debian's that is unpacked in this clone, another browser that is installed, or else one that is fetched (from
 * Playwright's servers, or Debian's).
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
  const unpacked = await unpackedShell()
  if (unpacked) return unpacked
  const installed = findInstalled()
  if (installed) return { file: installed }
  return step('Fetching a browser', async () => {
    const cli = inRoot('node_modules/@playwright/test/cli.js')
    await run(process.execPath, [cli, 'install', 'chromium'], { timeout: 240_000 })
    if (existsSync(own)) return { file: own }
    const fetched = process.getuid?.() === 0 ? await installFromDebian() : null
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

/**
 * Debian's headless shell, unpacked in this clone without touching the system. Null where there is no apt or no
 * network, and where it does not run.
 */
async function unpackedShell() {
  const folder = inRoot('.local/chromium')
  const file = path.join(folder, 'root', SHELL_FOLDER, HEADLESS_SHELL)
  if (!existsSync(file)) await step('Fetching a browser without a window', () => unpackShell(folder))
  if (!existsSync(file)) return null
  const libraries = libraryPath(folder)
  const env = { ...process.env, LD_LIBRARY_PATH: libraries }
  const { code, output } = await run(file, ['--no-sandbox', '--dump-dom', 'data:text/html,works'], {
    env,
    timeout: 30_000,
  })
  return code === 0 && output.includes('works') ? { file, libraries } : null
}

/** @param {string} folder */
async function unpackShell(folder) {
  const fresh = `${folder}.${process.pid}`
  if (await unpackDebian([HEADLESS_SHELL], fresh)) {
    rmSync(path.join(fresh, 'apt'), { recursive: true, force: true })
    linkInstalledFiles(path.join(fresh, 'root', SHELL_FOLDER))
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  }
  rmSync(fresh, { recursive: true, force: true })
}

/**
 * The shell looks for its data beside its program. apt does not fetch a package that is installed, so what is installed
 * of Chromium's data is linked.
 * @param {string} folder
 */
function linkInstalledFiles(folder) {
  const installed = path.join('/', SHELL_FOLDER)
  if (!existsSync(installed)) return
  mkdirSync(folder, { recursive: true })
  const there = new Set(readdirSync(folder))
  for (const name of readdirSync(installed))
    if (!there.has(name)) symlinkSync(path.join(installed, name), path.join(folder, name))
}
