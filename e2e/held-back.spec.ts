import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { expect, jobPage, test, type Page } from './test'
import { foreign, uniqueWord, withKey } from './world'

const noop = () => ({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()
const whyItWaits = (page: Page) => page.getByRole('region', { name: 'Why it waits' })

test('the page of a job for later tells when it starts', async ({ as }) => {
  const api = withKey('OPERATOR')
  const runAt = inAnHour()
  const job = await api.submit({ ...noop(), runAt })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  await expect(whyItWaits(page)).toContainText(/It is scheduled to start in (59|60) min/)
  await expect(whyItWaits(page).locator('time')).toHaveAttribute('datetime', runAt)
  await api.change('jobs.cancel', { jobId: job.id })
})

test('the page of a job with parents tells what it waits for, and after a parent was canceled why it never runs', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const parent = await api.submit({ ...noop(), runAt: inAnHour() })
  const child = await api.submit({ ...noop(), dependsOn: [parent.id] })
  const page = await as('ADMIN')
  const why = whyItWaits(page)
  await page.goto(`/jobs/${child.id}`)
  await expect(why.getByRole('link')).toHaveAttribute('href', new RegExp(parent.id))
  await api.change('jobs.cancel', { jobId: parent.id })
  const { badge } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'DEAD_LETTER')
  await expect(why).toHaveCount(0)
  await expect(page.getByText(/It waited for job/).first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Permanent error' }).getByRole('link')).toHaveAttribute(
    'href',
    new RegExp(parent.id),
  )
})

test('an admin pauses the organization: everybody sees why nothing runs, and after resuming it runs', async ({
  as,
}) => {
  // The admin pauses `foreign`, because the other tests need `home` to run jobs.
  const page = await as('ADMIN', { organizationId: foreign })
  await page.goto('/jobs')
  await page.getByRole('button', { name: 'Account and appearance' }).click()
  await page.getByRole('menuitem', { name: /^Pause / }).click()
  const dialog = page.getByRole('dialog', { name: /^Pause / })
  await dialog.getByLabel('Reason').fill('Inventory until noon')
  await dialog.getByRole('button', { name: 'Pause' }).click()
  await expect(dialog).toHaveCount(0)
  const banner = page.getByRole('status').filter({ hasText: 'Inventory until noon' })
  try {
    // The banner shows who paused it, when and why. The audit entry is one click away.
    await expect(banner).toContainText(/ paused by .+ (ago|just now)/)
    await expect(banner).toContainText(': Inventory until noon. Waiting jobs stay waiting.')
    await expect(banner.getByRole('link', { name: 'See the audit entry' })).toHaveAttribute(
      'href',
      /\/audit\?entry=[0-9a-f-]{36}/,
    )
    const api = withKey('OPERATOR', foreign)
    const job = await api.submit(noop(), foreign)
    await page.goto(`/jobs/${job.id}`)
    const { badge } = jobPage(page)
    await expect(whyItWaits(page)).toContainText('Inventory until noon')
    await expect(badge).toHaveAttribute('data-status', 'PENDING')

    const viewer = await as('VIEWER', { organizationId: foreign })
    await viewer.goto('/jobs')
    const seen = viewer.getByRole('status').filter({ hasText: 'Inventory until noon' })
    await expect(seen).toBeVisible()
    // A viewer may not read the audit.
    await expect(seen.getByRole('link')).toHaveCount(0)
    await expect(viewer.getByRole('button', { name: 'Resume' })).toHaveCount(0)

    await banner.getByRole('button', { name: 'Resume' }).click()
    await expect(banner).toHaveCount(0)
    await expect(badge).toHaveAttribute('data-status', 'COMPLETED')
  } finally {
    // Where the test has failed, it may still be paused. A resume of what is not paused changes nothing.
    await withKey('ADMIN', foreign).change('control.resume', { scope: 'organization', organizationId: foreign })
  }
})

for (const { name, look } of WIDTHS) {
  test(`task 5 at ${name}: the overview tells who paused the organization, when and why, and the act is one click away`, async ({
    as,
  }) => {
    const organizationId = await freshOrganization()
    const root = withKey('SYSTEM_ADMIN', null)
    await root.mutate('control.pause', { scope: 'organization', organizationId, reason: 'The ledger is being closed' })
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 5 at ${name}`)
    await page.goto(`/?org=${organizationId}`)
    const banner = page.getByRole('status').filter({ hasText: 'The ledger is being closed' })
    await expect(banner).toContainText(/ paused by .+ (ago|just now): The ledger is being closed\./)
    const act = banner.getByRole('link', { name: 'See the audit entry' })
    await expect(act).toBeInViewport({ ratio: 1 })
    await task.reach(0)

    await act.click()
    const entry = page.getByRole('dialog')
    await expect(entry).toContainText('The ledger is being closed')
    await expect(entry).toContainText(/paused/i)
  })
}
