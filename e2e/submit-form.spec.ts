import { JOB_URL, expect, jobPage, test, type Page } from './test'
import { uniqueWord, withKey } from './world'

/** Collects the requests of the page that submit a job. */
function submissions(page: Page) {
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('jobs.submit')) sent.push(request.url())
  })
  return sent
}
const asJson = (page: Page) => page.getByRole('radio', { name: 'JSON' }).check()
const asForm = (page: Page) => page.getByRole('radio', { name: 'Form' }).check()

test('parameters that do not fit are marked at their fields, and nothing is sent', async ({ as }) => {
  const page = await as('OPERATOR')
  const sent = submissions(page)
  await page.goto('/submit?type=sample.work')
  const duration = page.getByLabel('Duration (ms)')
  await duration.fill('soon')
  await page.getByLabel('Failing attempts').fill('5000')
  await page.getByLabel('Data').fill('{ not json')
  await page.getByLabel('Retries').fill('-1')
  await page.getByRole('button', { name: 'Submit job' }).click()

  for (const label of ['Duration (ms)', 'Failing attempts', 'Data', 'Retries']) {
    const field = page.getByLabel(label)
    await expect(field, label).toHaveAttribute('aria-invalid', 'true')
    // The message stands beside the field, and screen readers read it with the field.
    await expect(field, label).toHaveAccessibleDescription(/\S/)
  }
  await expect(page.locator('[aria-invalid=true]').first()).toBeFocused()
  await expect(page.getByText('4 fields need attention.')).toBeVisible()
  await expect(page).toHaveURL(/\/submit/)
  expect(sent).toEqual([])

  await duration.fill('0')
  await expect(duration).not.toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('Failing attempts').fill('0')
  await page.getByLabel('Retries').fill('')
  await page.getByLabel('Data').fill(JSON.stringify(uniqueWord()))
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  expect(sent).toHaveLength(1)
})

test('the submit form and its JSON always say the same', async ({ as }) => {
  const word = uniqueWord()
  const page = await as('OPERATOR')
  const sent = submissions(page)
  await page.goto('/submit?type=sample.work')
  await page.getByLabel('Duration (ms)').fill('1234')
  await asJson(page)
  const text = page.getByLabel('Parameters as JSON')
  await expect(text).toHaveValue(/"durationMs": 1234/)

  await text.fill(JSON.stringify({ durationMs: 77, mode: 'complete', data: { word }, extra: 1 }))
  await asForm(page)
  await expect(page.getByLabel('Duration (ms)')).toHaveValue('77')
  await expect(page.getByLabel('Data')).toHaveValue(new RegExp(word))
  // A member for which the form has no field is neither lost nor hidden.
  await expect(page.getByText('only to be seen as JSON')).toContainText('extra')

  await asJson(page)
  await text.fill('{ "durationMs": ')
  // The form could not show this text, so the text stays where it can be corrected.
  await page.getByRole('radio', { name: 'Form' }).click()
  await expect(page.getByText('Some of this cannot be read yet.')).toBeVisible()
  await expect(text).toHaveValue('{ "durationMs": ')
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(text).toHaveAttribute('aria-invalid', 'true')
  await text.fill(JSON.stringify({ durationMs: 'long', data: word }))
  await expect(page.getByRole('listitem').filter({ hasText: 'durationMs' })).toBeVisible()
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(/\/submit/)
  expect(sent).toEqual([])

  await text.fill(JSON.stringify({ durationMs: 5, data: word }))
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  const job = await withKey('VIEWER').get(jobPage(page).idInUrl())
  expect(job.parameters).toEqual({ durationMs: 5, data: word })
})

test('the refusal of a duplicate links to the existing job, and offers to run the job again on purpose', async ({
  as,
}) => {
  const parameters = { durationMs: 30_000, data: uniqueWord() }
  const api = withKey('ADMIN')
  const existing = await api.submit({ jobType: 'sample.work', parameters })
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.work')
  await asJson(page)
  await page.getByLabel('Parameters as JSON').fill(JSON.stringify(parameters))
  await page.getByRole('button', { name: 'Submit job' }).click()

  const banner = page.getByRole('alert').filter({ hasText: 'The same job with the same parameters' })
  await expect(banner).toBeVisible()
  await expect(banner.getByRole('link', { name: 'Open it' })).toHaveAttribute(
    'href',
    new RegExp(`/jobs/${existing.id}`),
  )
  // The offer counts for these parameters only.
  await page.getByLabel('Parameters as JSON').fill(JSON.stringify({ ...parameters, durationMs: 30_001 }))
  await expect(banner).toHaveCount(0)
  await page.getByLabel('Parameters as JSON').fill(JSON.stringify(parameters))
  await page.getByRole('button', { name: 'Submit job' }).click()
  await banner.getByRole('button', { name: 'Run it again anyway' }).click()
  await expect(page).toHaveURL(JOB_URL)
  const second = jobPage(page).idInUrl()
  expect(second).not.toBe(existing.id)

  await page.goto(`/jobs/${existing.id}`)
  await expect(jobPage(page).parameters).toContainText(parameters.data)
  for (const id of [existing.id, second]) await api.mutate('jobs.cancel', { jobId: id })
})

test('a job that was submitted for later waits for its time', async ({ as }) => {
  const api = withKey('ADMIN')
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.noop')
  await page.getByLabel('Run at').fill('2099-01-31T08:00')
  await page.getByRole('button', { name: 'Submit job' }).click()
  // An earlier run of these tests may have left the same job. "Run it again anyway" then submits another one.
  await expect(page.getByRole('button', { name: 'Run it again anyway' }).or(jobPage(page).badge)).toBeVisible()
  const again = page.getByRole('button', { name: 'Run it again anyway' })
  if (await again.isVisible()) await again.click()
  await expect(page).toHaveURL(JOB_URL)
  await expect(jobPage(page).badge).toHaveAttribute('data-status', 'PENDING')
  await expect(page.getByText(/^It is scheduled to start /)).toBeVisible()
  await api.mutate('jobs.cancel', { jobId: jobPage(page).idInUrl() })
  await expect(jobPage(page).badge).toHaveAttribute('data-status', 'CANCELED')
})

test('a second click before the page of the new job opens makes no second job', async ({ as }) => {
  const page = await as('OPERATOR')
  const sent = submissions(page)
  await page.goto('/submit?type=sample.work')
  await page.getByLabel('Data').fill(JSON.stringify(uniqueWord()))
  let arrive = () => {}
  const held = new Promise<void>((resolve) => (arrive = resolve))
  await page.route(
    (url) => url.pathname.startsWith('/jobs/'),
    async (route) => {
      await held
      await route.continue()
    },
  )
  const button = page.getByRole('button', { name: 'Submit job' })
  const answer = page.waitForResponse((response) => response.url().includes('jobs.submit'))
  await button.click()
  expect((await answer).ok()).toBe(true)
  await expect(button).toHaveAttribute('aria-busy', 'true')
  await button.click({ force: true })
  await page.keyboard.press('Enter')
  arrive()
  await expect(page).toHaveURL(JOB_URL)
  expect(sent).toHaveLength(1)
})
