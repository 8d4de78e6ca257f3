import { expect, expectNoReload, jobPage, test, type Page } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

const later = () => new Date(Date.now() + 86_400_000).toISOString()
const rows = (page: Page) =>
  page
    .getByRole('table', { name: 'Jobs, newest first' })
    .locator('tbody tr')
    .filter({ has: page.getByRole('link') })
const hrefs = (page: Page) =>
  rows(page)
    .getByRole('link')
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))
const bar = (page: Page) => page.getByRole('region', { name: 'Selected jobs' })

/** Submits jobs that wait until tomorrow. Returns their ids. */
async function scheduled(count: number, word: string): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, n) => ({
    jobType: 'sample.noop',
    parameters: { word, n },
    runAt: later(),
  }))
  const { data, error } = await withKey('ADMIN').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs,
  })
  expect(error).toBeUndefined()
  return data.jobs.map(({ id }) => id)
}

test('an admin cancels a few jobs by hand, then all that match, watches the progress, and deletes them @long', async ({
  as,
}) => {
  test.setTimeout(120_000) // two bulk actions over hundreds of jobs
  const word = uniqueWord()
  const ids = await scheduled(620, word)
  const api = withKey('ADMIN')
  const page = await as('ADMIN')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(50)
  const noReload = await expectNoReload(page)

  // Two jobs are ticked, one by mouse and one by key. The dialog names their number, and each job keeps the reason.
  await rows(page).nth(0).getByRole('checkbox').check()
  // The keys still work after a tick by mouse.
  await page.keyboard.press('j')
  await expect(rows(page).nth(1).getByRole('link')).toBeFocused()
  await page.keyboard.press('x')
  await expect(bar(page)).toContainText('2 selected')
  await bar(page).getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel 2 jobs?' })
  await expect(dialog).toContainText('All 2 can be canceled')
  await dialog.getByLabel('Reason').fill('two too many')
  await dialog.getByRole('button', { name: 'Cancel jobs' }).click()
  await expect(page.getByText('Canceled 2 jobs', { exact: true })).toBeVisible()
  await expect(bar(page)).toHaveCount(0)
  const newest = [...ids].sort().reverse().slice(0, 2)
  for (const id of newest) expect(await api.get(id)).toMatchObject({ status: 'CANCELED', cancelReason: 'two too many' })

  // All jobs that match: the dialog shows the numbers, the action runs in the background, and the end is reported.
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await expect(bar(page)).toContainText('50 selected')
  await bar(page)
    .getByRole('button', { name: /Select all 620 that match/ })
    .click()
  await expect(bar(page)).toContainText('All 620 that match')
  await bar(page).getByRole('button', { name: 'Cancel', exact: true }).click()
  const everything = page.getByRole('dialog', { name: 'Cancel all that match?' })
  await expect(everything).toContainText('620 match; 618 can be canceled, the others are skipped')
  await everything.getByRole('button', { name: 'Cancel jobs' }).click()
  const actions = page.getByRole('list', { name: 'Bulk actions' })
  await expect(actions.getByText('Canceled 618 jobs; 2 skipped (2 in another state by then)')).toBeVisible({
    timeout: 60_000,
  })
  await expect
    .poll(
      async () =>
        (await api.query<{ count: number }>('jobs.count', { organizationId: home, search: word, status: ['CANCELED'] }))
          .data.count,
    )
    .toBe(620)
  await actions.getByRole('button', { name: 'Dismiss' }).click()
  await expect(actions).toHaveCount(0)
  await noReload()

  // Deleted jobs also leave the list, and older jobs move up.
  const deleted = await hrefs(page)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await bar(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete jobs' }).click()
  await expect(page.getByText('Deleted 50 jobs', { exact: true })).toBeVisible()
  await expect
    .poll(
      async () => (await api.query<{ count: number }>('jobs.count', { organizationId: home, search: word })).data.count,
    )
    .toBe(570)
  await expect.poll(async () => (await hrefs(page)).filter((href) => deleted.includes(href))).toEqual([])
  await expect(rows(page)).toHaveCount(50)

  // The same holds for jobs that are deleted in the background.
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await bar(page)
    .getByRole('button', { name: /Select all 570 that match/ })
    .click()
  await bar(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete jobs' }).click()
  await expect(actions.getByText('Deleted 570 jobs')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('No job fits these filters')).toBeVisible()
})

test('a viewer can select no job, and an operator cancels only their own @long', async ({ as, session }) => {
  const word = uniqueWord()
  const [ofSomebodyElse] = await scheduled(1, word)
  const { api } = await session('OPERATOR')
  const own = await api.submit({ jobType: 'sample.noop', parameters: { word }, runAt: later() })
  const viewer = await as('VIEWER')
  await viewer.goto(`/jobs?q=${word}`)
  await expect(rows(viewer)).toHaveCount(2)
  await expect(viewer.getByRole('table').getByRole('checkbox')).toHaveCount(0)

  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(2)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  // For an action that an operator may not do, the dialog asks an admin.
  await bar(page).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('dialog', { name: 'Ask to delete 2 jobs?' })).toBeVisible()
  await page.keyboard.press('Escape')
  await bar(page).getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 of them can be canceled, the others, and those of other people, are skipped')
  await dialog.getByRole('button', { name: 'Cancel jobs' }).click()
  await expect(page.getByText('Canceled 1 job; 1 skipped (1 not yours)')).toBeVisible()
  expect((await api.get(own.id)).status).toBe('CANCELED')
  expect((await api.get(ofSomebodyElse!)).status).toBe('PENDING')
})

test('a waiting job is changed on its page, and its history tells what was changed and by whom @long', async ({
  as,
  session,
}) => {
  const word = uniqueWord()
  const { api } = await session('OPERATOR')
  const job = await api.submit({ jobType: 'sample.work', parameters: { data: word }, runAt: later() })
  const page = await as('OPERATOR')
  await page.goto(`/jobs/${job.id}`)
  const { badge, history, result, parameters } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'PENDING')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change this job' })
  await dialog.getByLabel('Priority').selectOption('CRITICAL')
  await dialog.getByLabel('Timeout, s').fill('0')
  await expect(dialog).toContainText('Must be a whole number from 1 to 86,400.')
  await dialog.getByLabel('Timeout, s').fill('60')
  await dialog.getByLabel('Parameters as JSON').fill(JSON.stringify({ durationMs: -1 }))
  await dialog.getByRole('button', { name: 'Change job' }).click()
  await expect(dialog.getByText('durationMs', { exact: true })).toBeVisible()
  await dialog.getByLabel('Parameters as JSON').fill(JSON.stringify({ data: `${word} again` }))
  await dialog.getByLabel('Reason').fill('better so')
  await dialog.getByRole('button', { name: 'Change job' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(history.last()).toContainText('Changed')
  await expect(history.last()).toContainText(
    'priority from NORMAL to CRITICAL, timeout from 300 s to 60 s, parameters (data): better so',
  )
  await expect(history.last()).toContainText((await api.history(job.id)).at(-1)!.actor.name)
  await expect(parameters).toContainText(`${word} again`)

  // The job is moved from tomorrow to now. It runs with the changed values.
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await dialog.getByLabel('Run at').fill('2020-01-01T00:00:00')
  await dialog.getByRole('button', { name: 'Change job' }).click()
  await expect(badge).toHaveAttribute('data-status', 'COMPLETED')
  await expect(result).toContainText(`${word} again`)
  await expect(page.getByRole('button', { name: 'Change', exact: true })).toHaveCount(0)
})

test('an operator who changes a job is told before they replace what an admin has changed meanwhile', async ({
  as,
  session,
}) => {
  const { api } = await session('OPERATOR')
  const job = await api.submit({ jobType: 'sample.noop', parameters: {}, runAt: later() })
  const page = await as('OPERATOR')
  await page.goto(`/jobs/${job.id}`)
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change this job' })
  await dialog.getByLabel('Priority').selectOption('LOW')
  await withKey('ADMIN').mutate('jobs.update', { jobId: job.id, changes: { priority: 'CRITICAL', maxRetries: 7 } })
  // The retries are the admin's alone, so nothing is said of them, and they stay.
  await expect(dialog.getByRole('status')).toHaveText(
    'Since you opened this, the priority (now Critical) changed. Yours would replace it.',
  )
  await dialog.getByRole('button', { name: 'Change job' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await api.get(job.id)).toMatchObject({ priority: 'LOW', maxRetries: 7 })
})
