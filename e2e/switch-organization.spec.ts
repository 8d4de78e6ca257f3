import { freshOrganization } from './incident'
import { jumps, MOST_JUMPS, noteJumps } from './layout'
import { settled } from './screens'
import { expect, test, type Page } from './test'
import { uniqueWord, withKey } from './world'

// What a person sees who switches from one organization to another while a page is open.

const root = withKey('SYSTEM_ADMIN', null)
const FAR = '2099-01-01T00:00:00Z'
const PHONE = { width: 390, height: 844 }

/** Some jobs of an organization that wait for a time far ahead. */
const waitingJobs = (organizationId: string, count: number) =>
  root.change('jobs.submitMany', {
    organizationId,
    jobs: Array.from({ length: count }, (_, n) => ({
      jobType: 'sample.noop',
      parameters: { word: uniqueWord(), n },
      runAt: FAR,
    })),
  })

/** A promise that is kept when `release` is called. */
function gate() {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  return { held, release }
}

/** From here on, the answers of the API do not come before `until`. Messages about jobs do. */
async function holdAnswers(page: Page, until: () => Promise<unknown>) {
  await page.route('**/api/trpc/**', async (route) => {
    if (route.request().headers().accept !== 'text/event-stream') await until()
    await route.continue()
  })
}

/** Chooses another organization in the command palette, which gives the focus back to where it was. */
async function switchTo(page: Page, organizationId: string, before: () => Promise<void> = async () => {}) {
  const { data } = await root.query<{ name: string }>('organizations.get', { organizationId })
  await page.keyboard.press('Control+k')
  await page.keyboard.type(data.name)
  const option = page.getByRole('option', { name: `Switch to ${data.name}` })
  await expect(option).toBeVisible()
  await before()
  await option.click()
  await expect(page).toHaveURL(new RegExp(`org=${organizationId}`))
}

test('on a phone, after a switch to an organization where less or more is to be seen, nothing jumps when its answers come', async ({
  as,
}) => {
  test.setTimeout(120_000)
  const [busy, quiet] = [await freshOrganization(), await freshOrganization()]
  await waitingJobs(busy, 2)
  const work = { jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } }
  const dead = await root.submit(work, busy)
  await root.until(dead.id, 'DEAD_LETTER')
  await waitingJobs(quiet, 1)
  for (const name of ['Morning', 'Noon', 'Evening'])
    await root.change('schedules.create', {
      organizationId: busy,
      name,
      jobType: 'sample.noop',
      cron: '0 3 * * *',
      timeZone: 'UTC',
    })
  const page = await as('SYSTEM_ADMIN', { viewport: PHONE })
  await noteJumps(page)
  const faults: string[] = []
  for (const path of ['/', '/schedules', '/workers'])
    for (const [from, to] of [
      [busy, quiet],
      [quiet, busy],
    ] as const) {
      await page.goto(`${path}?org=${from}`)
      await settled(page)
      const before = await jumps(page)
      // Chromium counts no jump within half a second after a press. So the answers come later, one after the other.
      let call = 0
      await switchTo(page, to, () =>
        holdAnswers(page, () => new Promise((resolve) => setTimeout(resolve, 700 + (call++ % 3) * 200))),
      )
      await expect(page.getByRole('dialog')).toHaveCount(0)
      await settled(page)
      const moved = (await jumps(page)) - before
      const way = `${path} from the ${from === busy ? 'busy' : 'quiet'} organization to the other`
      console.log(`${way}: ${moved.toFixed(3)}`)
      if (moved > MOST_JUMPS) faults.push(`${way} jumps by ${moved.toFixed(3)}`)
      await page.unrouteAll({ behavior: 'wait' })
    }
  expect(faults).toEqual([])
})

test('until the figures of the other organization have come, the overview shows none under its name', async ({
  as,
}) => {
  const [one, other] = [await freshOrganization(), await freshOrganization()]
  await waitingJobs(one, 2)
  await waitingJobs(other, 3)
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${one}`)
  const tiles = page.getByRole('list', { name: 'Jobs by status' })
  const scheduled = tiles.locator('a[href*="status=PENDING"]')
  await expect(scheduled).toHaveAttribute('data-count', '2')
  const { held, release } = gate()
  await switchTo(page, other, () => holdAnswers(page, () => held))
  await expect(page.getByRole('button', { name: /^Organization:/ })).toBeVisible()
  await expect(page.getByRole('main').locator('[data-count]')).toHaveCount(0)
  release()
  await expect(scheduled).toHaveAttribute('data-count', '3')
})

test('somebody who searches schedules and switches the organization keeps the focus and the words in the field', async ({
  as,
}) => {
  const [one, other] = [await freshOrganization(), await freshOrganization()]
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/schedules?org=${one}`)
  await settled(page)
  const field = page.getByRole('searchbox', { name: 'Search schedules' })
  await field.fill('night')
  await expect(page).toHaveURL(/q=night/)
  const { held, release } = gate()
  await switchTo(page, other, () => holdAnswers(page, () => held))
  // Long enough for the page to stop waiting for the strip of two days.
  await page.waitForTimeout(2_000)
  await expect(field).toBeFocused()
  release()
  await settled(page)
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('night')
})

test('the button “Older” leads nowhere until the rows of the other organization have come, and then to its own', async ({
  as,
}) => {
  const [one, other] = [await freshOrganization(), await freshOrganization()]
  for (const organizationId of [one, other]) await waitingJobs(organizationId, 60)
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/jobs?org=${one}`)
  const older = page.getByRole('button', { name: 'Older' })
  await expect(older).toBeVisible()
  await expect(older).not.toHaveAttribute('aria-disabled', 'true')
  const { held, release } = gate()
  await switchTo(page, other, () => holdAnswers(page, () => held))
  await expect(older).toHaveAttribute('aria-disabled', 'true')
  await older.click({ force: true })
  await expect(page.getByText('The next page is not known yet.').first()).toBeVisible()
  await expect(page).not.toHaveURL(/cursor=/)
  release()
  await expect(older).not.toHaveAttribute('aria-disabled', 'true')
  await older.click()
  await expect(page).toHaveURL(/cursor=/)
  await expect(page.getByRole('table').locator('tbody a[data-row-link]')).toHaveCount(10)
})
