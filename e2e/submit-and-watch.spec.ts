import { JOB_URL, expect, expectNoReload, jobPage, test } from './test'
import { foreign, home, uniqueWord, withKey } from './world'

test('an operator submits a job from the form and sees it run to its end without reloading', async ({ as }) => {
  const word = uniqueWord()
  const page = await as('OPERATOR')
  await page.goto('/submit')
  await page.getByRole('combobox', { name: 'Job type' }).selectOption('sample.work')
  await page.getByLabel('Duration (ms)').fill('16000')
  await page.getByLabel('Progress steps').fill('16')
  await page.getByLabel('Data').fill(JSON.stringify({ greeting: word }))
  const noReload = await expectNoReload(page)
  await page.getByRole('button', { name: 'Submit job' }).click()

  await expect(page).toHaveURL(JOB_URL)
  const { badge, progress, history, logs, result, parameters } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'RUNNING')
  await expect(parameters).toContainText(word)
  // The page is live. It shows progress and the first log lines while the job still runs.
  await expect(progress).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/)
  await expect(logs).toContainText('Step 4 of 16 done')
  await expect(history.last()).toContainText('Running')
  await expect(badge).toHaveAttribute('data-status', 'RUNNING')

  await expect(badge).toHaveAttribute('data-status', 'COMPLETED', { timeout: 40_000 })
  await expect(progress).toHaveAttribute('aria-valuenow', '100')
  await expect(result).toContainText(word)
  await expect(history).toHaveText([/^Pending/, /^Queued/, /^Running/, /^Completed/])
  await expect(logs).toContainText('Done')
  await noReload()

  // After a reload, the server shows the same as the live page did.
  await page.reload()
  await expect(badge).toHaveAttribute('data-status', 'COMPLETED')
  await expect(history).toHaveText([/^Pending/, /^Queued/, /^Running/, /^Completed/])
  await expect(result).toContainText(word)
})

test('the page of a job that another service submitted and that failed shows its error and its attempts', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const job = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  const { badge, history } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'DEAD_LETTER')
  await expect(page.getByRole('region', { name: 'Permanent error' })).toContainText('Simulated permanent failure')
  await expect(page.getByRole('region', { name: 'Permanent error' }).getByLabel('Stack')).toBeVisible()
  await expect(page.getByRole('list', { name: 'Attempts' }).getByRole('listitem')).toHaveCount(1)
  await expect(history).toHaveText([/^Pending/, /^Queued/, /^Running/, /^Dead letter/])

  // Only admins see stack traces.
  const operator = await as('OPERATOR')
  await operator.goto(`/jobs/${job.id}`)
  await expect(operator.getByRole('region', { name: 'Permanent error' })).toContainText('Simulated permanent failure')
  await expect(operator.getByLabel('Stack')).toHaveCount(0)
})

test('a job of another organization does not exist here', async ({ as }) => {
  const job = await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  await expect(jobPage(page).badge).toBeVisible()

  const stranger = await as('ADMIN', { organizationId: foreign })
  await stranger.goto(`/jobs/${job.id}`)
  await expect(stranger.getByText('Job not found')).toBeVisible()
  await stranger.goto(`/jobs?org=${home}`)
  await expect(stranger.getByText('Organization not found')).toBeVisible()
})
