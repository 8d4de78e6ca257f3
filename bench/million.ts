import { hash } from 'bcrypt'
import { chromium, type Browser } from '@playwright/test'
import { createDb, type Db } from '@/server/db'
import { bulkSteps, counts, duties, figures, pages, type Read } from '@/server/engine/store/reads/every-read.fixture'
import { makeManyJobs, organizationIdOf } from '@/server/engine/store/reads/many-jobs.fixture'
import { makeSystemAdmin } from '@/server/engine'
import { createFromKept } from '@/testing/database'
import { findChromium } from '@/testing/chromium.mjs'
import { quietBrowser } from '@/testing/quiet-browser'
import { line } from './line'
import { startWebProcess } from './web-process'

const JOBS = 1_000_000
/** The jobs lie over so many days. */
const DAYS = 30
/** Times that each read is measured. */
const ROUNDS = 20
/** Milliseconds. Rule 10 asks that every read takes less. */
const BAR = 50
/** Reads that may have to be looked at are printed, too. */
const SHOWN_FROM = 40
/** What the jobs are made by. */
const SOURCES = ['many-jobs.fixture.ts', 'load-in-bulk.fixture.ts', 'rollups.ts'].map(
  (name) => `server/engine/store/reads/${name}`,
)
/** Filters ask for what happened lately. The jobs for later come due a day after they were made. */
const KEPT_HOURS = 6
const ACCOUNT = { email: 'bench@example.com', password: 'a-password-of-the-bench-0123456789' }

/**
 * Rule 10: a million jobs in 200 organizations with five million rows of history. Prints how long each read of the
 * dashboard, of the leader and of the dispatchers takes in the database, and when the overview and the jobs page are
 * usable in a browser.
 */
export async function million({ clone }: { clone: string }): Promise<boolean> {
  const server = process.env.BENCH_KEPT_DATABASE_URL!
  const database = await createFromKept(server, { sources: SOURCES, hours: KEPT_HOURS, fill })
  const db = createDb(database.url, { max: 1 })
  try {
    const read = await timeReads(db)
    return (await timePages(db, database.url, clone)) && read
  } finally {
    await db.$disconnect()
    await database.drop()
  }
}

async function fill(url: string): Promise<void> {
  // Two tables are filled at once.
  const db = createDb(url, { max: 2 })
  await makeManyJobs(db, { jobs: JOBS, organizations: 200, days: DAYS, history: true })
  await db.$disconnect()
}

async function timeReads(db: Db): Promise<boolean> {
  const everything = { all: true } as const
  const one = { organizationIds: [organizationIdOf(7)] }
  const groups: [string, Read[]][] = [
    ['all organizations', [...pages(everything, DAYS), ...counts(everything, DAYS), ...figures(everything)]],
    [
      'one organization',
      [...pages(one, DAYS), ...counts(one, DAYS), ...figures(one), ...bulkSteps(organizationIdOf(7))],
    ],
    ['upkeep', duties],
  ]
  const took: { named: string; p95: number }[] = []
  for (const [scope, reads] of groups)
    for (const { named, run } of reads) {
      const times: number[] = []
      for (let round = 0; round <= ROUNDS; round++) {
        const from = performance.now()
        await undone(db, run)
        // The first round plans the statements and reads the pages.
        if (round > 0) times.push(performance.now() - from)
      }
      took.push({ named: `${scope}: ${named}`, p95: times.sort((a, b) => a - b)[Math.ceil(0.95 * ROUNDS) - 1]! })
    }
  took.sort((a, b) => b.p95 - a.p95)
  for (const { named, p95 } of took.filter(({ p95 }) => p95 >= SHOWN_FROM))
    line(`  a million jobs, ${named}, p95`, p95, 'ms', undefined)
  const slow = took.filter(({ p95 }) => p95 >= BAR).length
  line(`a million jobs: reads that take ${BAR} ms or more at p95, of ${took.length}`, slow, '', undefined)
  return line('a million jobs: the slowest read, p95', took[0]!.p95, 'ms', { below: BAR })
}

/** Some reads write, as a dispatch does. Whatever they did is taken back. */
async function undone(db: Db, run: Read['run']): Promise<void> {
  const back = new Error('taken back')
  await db
    .$transaction(
      async (tx) => {
        await run(tx)
        throw back
      },
      { timeout: 600_000 },
    )
    .catch((error: unknown) => {
      if (error !== back) throw error
    })
}

async function timePages(db: Db, databaseUrl: string, clone: string): Promise<boolean> {
  await makeSystemAdmin(db, { email: ACCOUNT.email, name: 'Bench', passwordHash: await hash(ACCOUNT.password, 4) })
  const web = await startWebProcess({ databaseUrl, clone })
  const { file, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: file,
    args: ['--disable-dev-shm-usage', quietBrowser],
    env: { ...process.env, ...(libraries && { LD_LIBRARY_PATH: libraries }) } as Record<string, string>,
  })
  let ok = true
  try {
    const storageState = await signedIn(browser, web.url)
    for (const org of ['all', organizationIdOf(7)])
      for (const [name, path, usable] of [
        ['overview', '/', 'main [data-count]'],
        ['jobs page', '/jobs', 'main a[href*="/jobs/"]'],
      ] as const) {
        const times: number[] = []
        for (let visit = 0; visit < 6; visit++) {
          const context = await browser.newContext({ storageState })
          const page = await context.newPage()
          await page.goto(`${web.url}${path}?org=${org}`, { waitUntil: 'commit' })
          await page.locator(usable).first().waitFor()
          // Not before the page answers: its scripts run, and an effect of theirs is seen.
          await page.keyboard.press('Control+k')
          await page.getByRole('dialog').waitFor()
          times.push(await page.evaluate(() => performance.now()))
          await context.close()
        }
        // The first visit loads the server's code.
        const median = times.slice(1).sort((a, b) => a - b)[2]!
        const where = org === 'all' ? 'all organizations' : 'one organization'
        ok =
          line(`a million jobs: the ${name} of ${where} is usable after, median`, median, 'ms', { below: 1_000 }) && ok
      }
  } finally {
    await browser.close()
    await web.stop()
  }
  return ok
}

async function signedIn(browser: Browser, url: string) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Email').fill(ACCOUNT.email)
  await page.getByLabel('Password').fill(ACCOUNT.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  const state = await context.storageState()
  // A page that stays open would draw its charts while others are measured.
  await context.close()
  return state
}
