import { expect, test, type Page } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()

test('an operator asks for another priority of somebody else’s job, and an admin changes it @long', async ({ as }) => {
  const job = await withKey('ADMIN').submit({
    jobType: 'sample.noop',
    parameters: { word: uniqueWord() },
    runAt: tomorrow(),
  })
  const operator = await as('OPERATOR')
  await operator.goto(`/jobs/${job.id}`)
  await operator.getByRole('button', { name: 'Ask to change' }).click()
  const ask = operator.getByRole('dialog', { name: 'Ask to change this job?' })
  const send = ask.getByRole('button', { name: 'Ask an admin' })
  await expect(send).toHaveAttribute('aria-disabled', 'true')
  await expect(ask.getByText('Parameters')).toHaveCount(0)
  await ask.getByLabel('Priority').selectOption('HIGH')
  await ask.getByLabel('Reason').fill('The customer waits')
  await send.click()
  await operator.getByRole('link', { name: 'See the request' }).click()
  await expect(operator.getByRole('heading', { level: 1, name: 'Change 1 job?' })).toBeVisible()
  await expect(operator.getByText('1 job: priority high')).toBeVisible()

  const admin = await as('ADMIN')
  await admin.goto(new URL(operator.url()).pathname)
  await admin.getByRole('button', { name: 'Change it' }).click()
  await expect(admin.getByText('Done by')).toBeVisible()
  expect(await withKey('ADMIN').get(job.id)).toMatchObject({ priority: 'HIGH' } as Partial<Job>)
  // The page of whoever asked says so by itself.
  await expect(operator.getByText('Done by')).toBeVisible({ timeout: 20_000 })

  // The list of the request's jobs leads back to all jobs.
  await operator.goto(`/jobs?request=${new URL(operator.url()).pathname.split('/').at(-1)}`)
  await expect(operator.getByText('Asked for', { exact: true })).toBeVisible()
  await operator.getByRole('button', { name: 'Show all jobs' }).click()
  await expect(operator).not.toHaveURL(/request=/)
})

test('an operator asks for another limit, which the system admins decide @long', async ({ as }) => {
  const operator = await as('OPERATOR')
  await operator.goto('/job-types')
  await operator.getByRole('button', { name: /^Ask for another limit of export\.jobs/ }).click()
  const ask = operator.getByRole('dialog', { name: /^Ask for another limit of / })
  await ask.getByLabel('At once, in each organization').fill('7')
  const wish = `Exports hold up the reports ${uniqueWord()}`
  await ask.getByLabel('Reason').fill(wish)
  await ask.getByRole('button', { name: 'Ask for it' }).click()
  await operator.getByRole('link', { name: 'See the request' }).click()
  await expect(operator.getByText(/a limit of 7 for jobs that run at once in each organization/)).toBeVisible()
  const path = new URL(operator.url()).pathname
  const { data: here } = await withKey('ADMIN').query<{ name: string }>('organizations.get', { organizationId: home })

  const admin = await as('ADMIN')
  await admin.goto(path)
  await expect(admin.getByText('Only system admins change limits.').first()).toBeVisible()
  await expect(admin.getByRole('button', { name: 'Change it' })).toHaveAttribute('aria-disabled', 'true')
  await admin.goto('/requests')
  const row = (page: Page) => page.getByRole('row').filter({ hasText: wish })
  await expect(admin.getByRole('radio', { name: 'For you' })).toBeChecked()
  await admin.getByRole('radio', { name: 'Open' }).check()
  await expect(row(admin)).toBeVisible()
  await admin.getByRole('radio', { name: 'For you' }).check()
  await expect(row(admin)).toHaveCount(0)

  // System admins begin in all organizations. The request is found from there.
  const root = await as('SYSTEM_ADMIN')
  await root.goto('/?org=all')
  await root.getByRole('link', { name: /^Requests \d+ to decide$/ }).click()
  await expect(row(root)).toContainText(here.name)
  await row(root).getByRole('link').click()
  await root.getByRole('button', { name: 'Decline…' }).click()
  const decline = root.getByRole('dialog', { name: 'Decline this request?' })
  await decline.getByLabel('Reason').fill('Not this week')
  await decline.getByRole('button', { name: 'Decline it' }).click()
  await expect(root.getByText('Declined by')).toBeVisible()
})
