import AxeBuilder from '@axe-core/playwright'
import pg from 'pg'
import { countingClicks, WIDTHS } from './clicks'
import { countOf, reports } from './customer-reports'
import { expect, test, type Page } from './test'
import { databaseUrl, home, uniqueWord, withKey } from './world'

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const api = withKey('ADMIN')

const main = (page: Page) => page.getByRole('main')
const figure = (page: Page, label: string) =>
  main(page)
    .locator('dl > div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator('dd')

for (const { name, look } of WIDTHS) {
  test(`task 3 at ${name}: an admin cancels all reports of one customer in 4 clicks, and brings them back from the receipt`, async ({
    as,
  }) => {
    const customer = uniqueWord()
    await reports(12, customer)
    const page = await as('ADMIN', look)
    const task = await countingClicks(page, `Task 3 at ${name}`)
    await page.goto('/')
    // From what waits to the list, then the customer, all of them, and the confirmation. Nothing is ticked.
    await page
      .getByRole('region', { name: 'What waits' })
      .getByRole('link', { name: /^All [\d,]+ jobs$/ })
      .click()
    await page.getByRole('combobox', { name: 'Search jobs' }).click()
    await page.keyboard.type(customer)
    await page.getByRole('button', { name: 'Cancel all 12…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel all that match?' })
    await expect(dialog).toContainText('12 jobs match, and all can be canceled.')
    await dialog.getByRole('button', { name: 'Cancel jobs' }).click()
    await expect(page.getByText('Canceled 12 jobs', { exact: true })).toBeVisible()
    await task.reach(4)
    if (name === '390') task.onTheFirstScreen()
    expect(await countOf(customer, 'CANCELED')).toBe(12)

    await page.getByRole('link', { name: 'Receipt' }).first().click()
    await expect(page.getByRole('heading', { level: 1, name: 'Canceled 12 jobs' })).toBeVisible()
    await expect(main(page)).toContainText(`search “${customer}”`)
    await expect(figure(page, 'Skipped')).toHaveText('0')
    const axe = await new AxeBuilder({ page }).analyze()
    expect(axe.violations).toEqual([])
    await page.getByRole('button', { name: 'Bring them back' }).click()
    const back = page.getByRole('dialog', { name: 'Retry 12 jobs?' })
    await expect(back).toContainText('All 12 come back.')
    await back.getByRole('button', { name: 'Retry jobs' }).click()
    await expect(page.getByText('Retried 12 jobs', { exact: true })).toBeVisible()
    expect(await countOf(customer, 'PENDING')).toBe(12)
    await api.mutate('jobs.cancelMany', { organizationId: home, filter: { search: customer } })
  })
}

test('an admin stops a running cancel, sees what it did, and opens exactly those jobs @long', async ({ as }) => {
  const customer = uniqueWord()
  const ids = (await reports(650, customer)).sort()
  await api.mutate('jobs.cancel', { jobId: ids.at(-1) })
  // A cancel goes from the newest job to the oldest, 200 to a part. Another transaction locks the oldest job, so the last
  // part, of 50 jobs, waits. Of the 600 before it, one was canceled already and is skipped.
  const holder = new pg.Client({ connectionString: databaseUrl })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [ids[0]])
  const { data } = await api.mutate<{ receiptId: string }>('jobs.cancelMany', {
    organizationId: home,
    filter: { search: customer },
    reason: 'Wrong month',
  })
  const page = await as('ADMIN')
  await page.goto(`/bulk/${data.receiptId}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Canceling 650 jobs' })).toBeVisible()
  await expect(figure(page, 'Canceled')).toHaveText(/^599/, { timeout: 20_000 })
  await expect(figure(page, 'To come')).toHaveText('50')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Enough')
  await page.getByRole('button', { name: 'Stop it' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Canceled 599 jobs' })).toBeVisible()
  await expect(figure(page, 'Left as they were')).toHaveText('50')
  await expect(main(page)).toContainText('Enough')
  await holder.query('ROLLBACK')
  await holder.end()

  await expect(page.getByRole('list', { name: 'Skipped jobs' }).getByRole('listitem')).toHaveText([
    /in another state by then/,
  ])
  await figure(page, 'Canceled').getByRole('link').click()
  await expect(page).toHaveURL(new RegExp(`/jobs\\?.*bulk=${data.receiptId}`))
  await expect(main(page).getByRole('link', { name: 'Canceled 599 jobs' })).toBeVisible()
  await expect(page.getByText('599 jobs', { exact: true })).toBeVisible()
  expect(await countOf(customer, 'PENDING')).toBe(50)
  await api.mutate('jobs.cancelMany', { organizationId: home, filter: { search: customer } })
})

test('an operator asks for what they may not do, and an admin does it to exactly the jobs that were chosen', async ({
  as,
}) => {
  const customer = uniqueWord()
  await reports(3, customer)
  const operator = await as('OPERATOR')
  const task = await countingClicks(operator, 'Task 3 of an operator, who asks an admin')
  await operator.goto(`/jobs?q=${customer}`)
  await operator.getByRole('button', { name: 'Cancel all 3…' }).click()
  await operator.getByRole('dialog').getByRole('button', { name: 'Ask an admin to cancel all of them' }).click()
  const ask = operator.getByRole('dialog', { name: 'Ask to cancel all that match?' })
  await expect(ask).toContainText('3 jobs match, and all can be canceled.')
  await expect(ask.getByRole('button', { name: 'Ask an admin' })).toHaveAttribute('aria-disabled', 'true')
  await ask.getByLabel('Reason').fill('The customer has left')
  await ask.getByRole('button', { name: 'Ask an admin' }).click()
  await task.reach(4)
  await operator.getByRole('link', { name: 'See the request' }).click()
  await expect(operator.getByRole('heading', { level: 1, name: 'Cancel 3 jobs?' })).toBeVisible()
  const link = operator.url()
  // A job that is submitted later is not part of the request.
  const [later] = await reports(1, customer)

  const admin = await as('ADMIN', PHONE)
  await admin.goto(link)
  await expect(main(admin)).toContainText('The customer has left')
  await expect(main(admin)).toContainText('All 3 will be canceled.')
  await admin.getByRole('button', { name: 'Menu', exact: true }).click()
  const nav = admin.getByRole('navigation', { name: 'Main' })
  await expect(nav.getByRole('link', { name: /^Requests\s*\d+\s*to decide$/ })).toBeVisible()
  await admin.keyboard.press('Escape')
  const axe = await new AxeBuilder({ page: admin }).analyze()
  expect(axe.violations).toEqual([])
  await admin.getByRole('button', { name: 'Cancel jobs' }).click()
  await expect(main(admin).locator('[data-state=DONE]')).toBeVisible()
  expect(await countOf(customer, 'CANCELED')).toBe(3)
  expect((await api.get(later!)).status).toBe('PENDING')

  // The person who asked sees the result without loading the page again.
  await expect(main(operator)).toContainText('Done by', { timeout: 10_000 })
  await operator.getByRole('link', { name: 'What became of the jobs' }).click()
  await expect(operator.getByRole('heading', { level: 1, name: 'Canceled 3 jobs' })).toBeVisible()
  await expect(main(operator)).toContainText('Asked for by')
  await api.mutate('jobs.cancelMany', { organizationId: home, filter: { search: customer } })
})
