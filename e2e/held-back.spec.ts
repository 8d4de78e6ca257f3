import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { expect, jobPage, test } from './test'
import { foreign, uniqueWord, withKey } from './world'

test('the page of a job for later tells when it starts, and that of a job with parents tells what it waits for', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const parent = await api.submit({
    jobType: 'sample.noop',
    parameters: { word: uniqueWord() },
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  const child = await api.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() }, dependsOn: [parent.id] })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${parent.id}`)
  const why = page.getByRole('region', { name: 'Why it waits' })
  await expect(why).toContainText(/scheduled|run at|runs at/i)

  await page.goto(`/jobs/${child.id}`)
  await expect(why.getByRole('link')).toHaveAttribute('href', new RegExp(parent.id))
  // The parent is canceled, so the job can never run. Its page says so and links to the parent.
  await api.mutate('jobs.cancel', { jobId: parent.id })
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
    await expect(banner.getByRole('link', { name: 'See the act' })).toHaveAttribute(
      'href',
      /\/audit\?entry=[0-9a-f-]{36}/,
    )
    const api = withKey('OPERATOR', foreign)
    const job = await api.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } }, foreign)
    await page.goto(`/jobs/${job.id}`)
    const { badge } = jobPage(page)
    await expect(page.getByRole('region', { name: 'Why it waits' })).toContainText('Inventory until noon')
    await expect(badge).toHaveAttribute('data-status', 'PENDING')

    const viewer = await as('VIEWER', { organizationId: foreign })
    await viewer.goto('/jobs')
    const seen = viewer.getByRole('status').filter({ hasText: 'Inventory until noon' })
    await expect(seen).toBeVisible()
    await expect(seen.getByRole('link')).toHaveCount(0)
    await expect(viewer.getByRole('button', { name: 'Resume' })).toHaveCount(0)

    await banner.getByRole('button', { name: 'Resume' }).click()
    await expect(banner).toHaveCount(0)
    await expect(badge).toHaveAttribute('data-status', 'COMPLETED')
  } finally {
    await withKey('ADMIN', foreign).mutate('control.resume', { scope: 'organization', organizationId: foreign })
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
    const act = banner.getByRole('link', { name: 'See the act' })
    await expect(act).toBeInViewport({ ratio: 1 })
    await task.reach(0)

    await act.click()
    const entry = page.getByRole('dialog')
    await expect(entry).toContainText('The ledger is being closed')
    await expect(entry).toContainText(/paused/i)
  })
}

test('an admin deletes a job that has ended, and nobody else gets that button', async ({ as }) => {
  const api = withKey('ADMIN')
  const job = await api.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })
  await api.until(job.id, 'COMPLETED')
  const operator = await as('OPERATOR')
  await operator.goto(`/jobs/${job.id}`)
  await expect(operator.getByRole('button', { name: 'Ask to delete' })).toBeVisible()
  await expect(jobPage(operator).action('Delete')).toHaveCount(0)

  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  await jobPage(page).action('Delete').click()
  const dialog = page.getByRole('dialog', { name: 'Delete this job?' })
  await dialog.getByRole('button', { name: 'Delete job' }).click()
  await expect(page).toHaveURL(/\/jobs(\?|$)/)
  await page.goto(`/jobs/${job.id}`)
  await expect(page.getByText('Job not found')).toBeVisible()
})
