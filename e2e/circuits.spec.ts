import { freshOrganization } from './incident'
import { expect, test } from './test'
import { uniqueWord, withKey } from './world'

const root = withKey('SYSTEM_ADMIN', null)

test('a system admin sees on the overview which circuit is open and why, and closes it with a reason, so that its jobs run', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const submit = (parameters: object) =>
    root.submit(
      { jobType: 'sample.work', maxRetries: 0, parameters: { ...parameters, data: uniqueWord() } },
      organizationId,
    )
  // A circuit opens after 10 attempts at the earliest.
  for (let n = 0; n < 10; n++) await submit({ mode: 'permanent' })
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${organizationId}`)
  const card = page.getByRole('region', { name: 'Open circuits' })
  await expect(card).toContainText('when 10 of 10 attempts had failed', { timeout: 40_000 })
  const held = await submit({})
  // This job waits for its time, so it is not among those that the circuit holds.
  await root.submit(
    { jobType: 'sample.work', parameters: { data: uniqueWord() }, runAt: '2099-01-01T00:00:00Z' },
    organizationId,
  )

  await card.getByRole('link', { name: 'Circuits' }).click()
  const row = page.getByRole('list', { name: 'Open circuits' }).getByRole('listitem')
  await expect(row).toContainText('sample.work')
  // The trial comes 15 minutes after the circuit opened.
  await expect(row).toContainText(/One job is tried in 1[34]m/)
  await expect(row).toContainText('Simulated permanent failure')
  await expect(row.getByRole('img')).toHaveAccessibleName('Of the last 10 attempts, 0 completed and 10 failed')
  const waiting = row.getByRole('link', { name: '1 job held' })
  await expect(waiting).toHaveAttribute('href', /\/jobs\?type=sample\.work&waitingFor=CIRCUIT_OPEN/)

  await row.getByRole('button', { name: 'Close the circuit of sample.work' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('The shop answers again')
  await dialog.getByRole('button', { name: 'Close the circuit' }).click()
  await expect(page.getByText('No circuit is open')).toBeVisible()
  const closed = page.getByRole('region', { name: 'Closed' })
  await expect(closed).toContainText(': The shop answers again')
  await expect(closed.getByRole('link', { name: 'The act' })).toHaveAttribute('href', /\/audit\?entry=/)
  await root.until(held.id, 'COMPLETED')

  // The chart of the overview marks both acts, and the marks link to the audit entries.
  await page.goto(`/?org=${organizationId}&range=1h`)
  const marks = page.getByRole('region', { name: 'Throughput' }).getByRole('list', { name: 'Marks on the chart' })
  await marks.getByRole('button').last().click()
  await expect(page.getByRole('menuitem', { name: /The circuit of sample\.work opened/ })).toBeVisible()
  await page.getByRole('menuitem', { name: /The circuit of sample\.work closed/ }).click()
  await expect(page).toHaveURL(/\/audit\?.*entry=/)
})
