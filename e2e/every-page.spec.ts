import { PAGES } from '../app/_components/shell/pages'
import { faultsAsSeen, faultsOf, namedOtherwise } from './axe'
import { focusUnseen, jumps, MOST_JUMPS, movingParts, noteJumps, slowAnswers, tooWide } from './layout'
import { ACTS, differences, NAVIGATION } from './roles'
import { screens, settled, someDetails, someJobs } from './screens'
import { expect, test, type Page } from './test'
import { foreign, home, uniqueWord, withKey, type Role } from './world'

// Walks through all screens: as an admin, on a phone, and as each role. A walk loads each screen once and checks all
// that can be checked there. The fixtures (test.ts) notice violations of the content policy and uncaught errors.

/** How much compressed JavaScript a page may load before it is complete, in bytes. */
const MOST_SCRIPT = 400_000
/** The same for the page of jobs, for which docs/specification.md says so (rule 10). */
const MOST_SCRIPT_OF_JOBS = 250_000

const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** A window of 1440 × 900 pixels at a zoom of 200 %. */
const ZOOMED = { width: 720, height: 450 }

/** How much JavaScript a page has loaded until now, also what it asked for after its load event, such as charts. */
const scriptBytes = (page: Page) =>
  page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => /\.js($|\?)/.test(name))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  )

test('an admin reads every screen: nothing jumps, is too wide, hard to see or too heavy, and each tab has its own name @long', async ({
  as,
}) => {
  test.setTimeout(600_000) // thirty screens
  const { dead, done } = await someJobs()
  const [admin, root] = [await as('ADMIN', { viewport: WIDE }), await as('SYSTEM_ADMIN', { viewport: WIDE })]
  for (const page of [admin, root]) await noteJumps(page)
  // Only system admins see the pages of the platform.
  const platform = new Set(PAGES.filter(({ group }) => group === 'Platform').map(({ path }) => path))
  const faults: string[] = []
  const titles = new Map<string, string>()
  for (const path of screens(dead, done, ...(await someDetails(home)))) {
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
    await page.keyboard.press('Tab')
    faults.push(...(await focusUnseen(page)).map((name) => `${path}: nobody sees the focus on “${name}”`))
    const misnamed = async (where: string) => (await namedOtherwise(page)).map((fault) => `${where}: ${fault}`)
    faults.push(...(await misnamed(path)))
    faults.push(...(await faultsOf(page, path)))
    await page.setViewportSize(PHONE)
    if ((await tooWide(page)) > 0) faults.push(`${path} scrolls sideways on a phone`)
    faults.push(...(await misnamed(`${path} on a phone`)))
    faults.push(...(await faultsAsSeen(page, `${path} on a phone`)))
    await page.setViewportSize(ZOOMED)
    if ((await tooWide(page)) > 0) faults.push(`${path} scrolls sideways at 200 %`)
    const frame = await page.evaluate(() => document.querySelector('main')!.getBoundingClientRect().top + scrollY)
    if (frame > 64) faults.push(`${path}: the frame takes ${frame} of 450 px at 200 %`)
    await page.setViewportSize(WIDE)
  }
  expect(faults).toEqual([])
})

test('on a phone, in the dark and with less motion, no screen jumps when its answers come late, and nothing moves or is hard to see @long', async ({
  as,
}) => {
  test.setTimeout(480_000)
  const { dead } = await someJobs()
  const page = await as('ADMIN', {
    viewport: PHONE,
    isMobile: true,
    hasTouch: true,
    reducedMotion: 'reduce',
    colorScheme: 'dark',
  })
  await noteJumps(page)
  await slowAnswers(page)
  const faults: string[] = []
  const platform = new Set(PAGES.filter(({ group }) => group === 'Platform').map(({ path }) => path))
  for (const path of screens(dead, ...(await someDetails(home)))) {
    if (platform.has(path)) continue
    await page.goto(path)
    await settled(page)
    const moved = await jumps(page)
    if (moved > MOST_JUMPS) faults.push(`${path} jumps by ${moved.toFixed(3)}`)
    faults.push(...(await movingParts(page)).map((part) => `${path}: ${part} moves`))
    faults.push(...(await faultsAsSeen(page, `${path} on a dark phone`)))
  }
  expect(faults).toEqual([])
})

test('each role finds exactly the pages and the buttons that are written down for it @long', async ({ as }) => {
  test.setTimeout(480_000)
  const { dead } = await someJobs()
  // The buttons of a schedule and of an alert rule are there only where there is one.
  await someDetails(home)
  const waiting = await withKey('SYSTEM_ADMIN', null).submit(
    { jobType: 'sample.noop', parameters: { word: uniqueWord() }, runAt: '2099-01-01T00:00:00Z' },
    home,
  )
  const pathOf: Record<string, string> = { 'a dead job': dead, 'a waiting job': `/jobs/${waiting.id}` }
  const pages = new Set([...PAGES.map(({ path }) => path), ...ACTS.map(({ on }) => on)])
  const faults: string[] = []
  for (const role of ['SYSTEM_ADMIN', 'ADMIN', 'OPERATOR', 'VIEWER'] as const satisfies Role[]) {
    const page = await as(role)
    for (const on of pages) {
      const path = pathOf[on] ?? on
      await page.goto(`${path}${path.includes('?') ? '&' : '?'}org=${home}`)
      await settled(page)
      await expect(page.getByText('This could not be loaded'), `${role} on ${on}`).toHaveCount(0)
      faults.push(...(await differences(page, on, role)))
    }
    const nav = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
    const names = (await nav.allInnerTexts()).map((name) => name.replaceAll(/\s*\d.*/gs, '').trim())
    if (names.join(', ') !== NAVIGATION[role]) faults.push(`${role} finds the pages ${names.join(', ')}`)
  }
  expect(faults).toEqual([])
})

test('a member of another organization is told on every page of this one that it does not exist for them @long', async ({
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
