import { PAGES, pagesFor } from '../app/_components/shell/pages'
import { faultsAsSeen, faultsOf } from './axe'
import { jumps, MOST_JUMPS, noteJumps, tooWide } from './layout'
import { screens, settled, someJobs, someSchedule } from './screens'
import { expect, test, type Page } from './test'
import { home, foreign, type Role } from './world'

// One walk through all screens for each role. Each screen is loaded once and checked in all respects. The fixtures
// notice violations of the content policy and uncaught errors.

/** How much compressed JavaScript a page may load before it is complete, in bytes. */
const MOST_SCRIPT = 400_000
const MOST_SCRIPT_OF_JOBS = 250_000

const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** A window of 1440 × 900 pixels at a zoom of 200 %. */
const ZOOMED = { width: 720, height: 450 }

/**
 * How much JavaScript a page has loaded until its load event. Scripts that are loaded later, for a dialog or a chart,
 * do not count, because the reader does not wait for them.
 */
const scriptBytes = (page: Page) =>
  page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name, startTime }) => /\.js($|\?)/.test(name) && startTime < navigation!.loadEventStart)
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  })

test('an admin reads every screen: nothing jumps, is too wide, hard to see or too heavy, and each tab has its own name', async ({
  as,
}) => {
  test.setTimeout(300_000) // thirty screens
  const { dead, done } = await someJobs()
  const [admin, root] = [await as('ADMIN', { viewport: WIDE }), await as('SYSTEM_ADMIN', { viewport: WIDE })]
  for (const page of [admin, root]) await noteJumps(page)
  // Only system admins see the pages of the platform.
  const platform = new Set(PAGES.filter(({ group }) => group === 'Platform').map(({ path }) => path))
  const faults: string[] = []
  const titles = new Map<string, string>()
  for (const path of screens(dead, done, ...(await someSchedule()))) {
    const page = platform.has(path) ? root : admin
    await page.goto(path)
    await settled(page)
    const moved = await jumps(page)
    if (moved > MOST_JUMPS) faults.push(`${path} jumps by ${moved.toFixed(3)}`)
    const bytes = await scriptBytes(page)
    if (bytes > (path === '/jobs' ? MOST_SCRIPT_OF_JOBS : MOST_SCRIPT)) faults.push(`${path} loads ${bytes} bytes`)
    const title = await page.title()
    // Addresses that differ only behind the question mark are the same page, so they may have the same title.
    const double = titles.get(title)
    if (double && double.split('?')[0] !== path.split('?')[0])
      faults.push(`${path} has the title of ${double}: ${title}`)
    titles.set(title, path)
    faults.push(...(await faultsOf(page, path)))
    await page.setViewportSize(PHONE)
    if ((await tooWide(page)) > 0) faults.push(`${path} scrolls sideways on a phone`)
    faults.push(...(await faultsAsSeen(page, `${path} on a phone`)))
    await page.setViewportSize(ZOOMED)
    if ((await tooWide(page)) > 0) faults.push(`${path} scrolls sideways at 200 %`)
    const frame = await page.evaluate(() => document.querySelector('main')!.getBoundingClientRect().top + scrollY)
    if (frame > 64) faults.push(`${path}: the frame takes ${frame} of 450 px at 200 %`)
    await page.setViewportSize(WIDE)
  }
  expect(faults).toEqual([])
})

/**
 * The names of the buttons that a reader may press on a page. Names that begin with a number are left out, because
 * numbers differ from one moment to the next.
 */
async function buttons(page: Page): Promise<Set<string>> {
  const names = await page
    .getByRole('main')
    .locator('button:not([disabled], [aria-disabled=true])')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? one.textContent ?? ''))
  return new Set(names.map((name) => name.replaceAll(/[\d,.]+/g, '#').trim()).filter((name) => !name.startsWith('#')))
}

test('viewers and operators reach the pages of their role, and get no button that a higher role does not have', async ({
  as,
}) => {
  test.setTimeout(240_000)
  const { dead } = await someJobs()
  const offered = new Map<string, Set<string>>()
  for (const role of ['ADMIN', 'OPERATOR', 'VIEWER'] as const satisfies Role[]) {
    const page = await as(role)
    const mine = pagesFor({ userId: 'somebody', role, systemAdmin: false }).flatMap(({ pages }) => pages)
    for (const path of [...mine.map((one) => one.path), dead]) {
      await page.goto(path)
      await settled(page)
      const nav = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
      await expect(nav, `${role} on ${path}`).toHaveCount(mine.length)
      await expect(page.getByText('This could not be loaded'), `${role} on ${path}`).toHaveCount(0)
      const now = await buttons(page)
      const above = offered.get(path)
      // Where an admin acts, a lower role may ask. So a button that asks may have a name of its own.
      if (above)
        expect(
          [...now].filter((name) => !above.has(name) && !/^Ask /.test(name)),
          `${role} on ${path}`,
        ).toEqual([])
      offered.set(path, now)
    }
  }
})

test('a member of another organization is told on every page that this organization does not exist for them', async ({
  as,
}) => {
  const [one, other] = [await as('ADMIN', { organizationId: foreign }), await as('ADMIN')]
  for (const { path } of PAGES.filter(({ group }) => group !== 'Platform')) {
    await one.goto(`${path}?org=${home}`)
    await expect(one.getByRole('heading', { level: 1, name: 'Organization not found' }), path).toBeVisible()
  }
  // Two people in two browsers each see only their own organization.
  await other.goto('/jobs')
  await one.goto('/jobs')
  const links = (page: Page) =>
    page
      .getByRole('table')
      .locator('tbody a[data-row-link]')
      .evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname))
  await expect.poll(async () => (await links(one)).length).toBeGreaterThan(0)
  await expect.poll(async () => (await links(other)).length).toBeGreaterThan(0)
  const seen = new Set(await links(one))
  expect((await links(other)).filter((path) => seen.has(path))).toEqual([])
})
