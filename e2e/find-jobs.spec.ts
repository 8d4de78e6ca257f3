import { JOB_URL, expect, expectNoReload, jobPage, test, type Page } from './test'
import { home, uniqueWord, withKey } from './world'

/** The rows that show a job. While jobs are being loaded, the table has grey rows without a link. */
const rows = (page: Page) =>
  page
    .getByRole('table', { name: 'Jobs, newest first' })
    .locator('tbody tr')
    .filter({ has: page.getByRole('link') })
const links = (page: Page) => rows(page).getByRole('link')
const search = (page: Page) => page.getByRole('combobox', { name: 'Search jobs' })

test('a search by a word of the parameters finds exactly those jobs, and the link can be shared', async ({ as }) => {
  const [word, other] = [uniqueWord(), uniqueWord()]
  const api = withKey('OPERATOR')
  const found = await api.submit({ jobType: 'sample.noop', parameters: { note: `the ${word} of today` } })
  await api.submit({ jobType: 'sample.noop', parameters: { note: other } })
  const page = await as('VIEWER')
  await page.goto('/jobs')
  await expect(rows(page).first()).toBeVisible()
  await page.keyboard.press('/')
  await expect(search(page)).toBeFocused()
  await page.keyboard.type(word)
  await expect(rows(page)).toHaveCount(1)
  await expect(links(page)).toHaveAttribute('href', new RegExp(found.id))
  await expect(page).toHaveURL(new RegExp(`q=${word}`))

  // A job's id finds it, too. A word that nobody wrote finds nothing, and the page says so.
  await search(page).fill(found.id)
  await expect(links(page)).toHaveAttribute('href', new RegExp(found.id))
  await search(page).fill(uniqueWord())
  await expect(page.getByText('No job fits these filters')).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(rows(page).nth(1)).toBeVisible()
})

test('a search finds by the short id of the list, by beginnings of words and by the error, and the title tells jobs apart', async ({
  as,
}) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  const job = await api.submit({
    jobType: 'sample.work',
    parameters: { mode: 'permanent', data: { path: `/var/log/${word}.log` } },
  })
  await api.submit({ jobType: 'sample.noop', parameters: { note: word } })
  await api.until(job.id, 'DEAD_LETTER')
  const page = await as('VIEWER')
  await page.goto('/jobs')
  await expect(rows(page).first()).toBeVisible()
  await search(page).fill(job.id.slice(-8))
  await expect(rows(page)).toHaveCount(1)
  await expect(links(page)).toHaveAttribute('href', new RegExp(job.id))
  await search(page).fill(word.slice(0, -1))
  await expect(rows(page)).toHaveCount(2)
  await search(page).fill(`${word}.log perm`)
  await expect(rows(page)).toHaveCount(1)
  await expect(page).toHaveURL(/perm/)
  await expect(rows(page)).toContainText(`permanent · /var/log/${word}.log`)
  await links(page).click()
  await expect(page).toHaveTitle(new RegExp(`^permanent · /var/log/${word}\\.log · `))
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`/var/log/${word}.log`)
})

test('filters are in the URL: they survive a reload and the Back button, and a colleague sees the same', async ({
  as,
}) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: word } })
  const done = await api.submit({ jobType: 'sample.noop', parameters: { word } })
  await api.until(dead.id, 'DEAD_LETTER')
  await api.until(done.id, 'COMPLETED')
  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(2)

  await page.getByRole('button', { name: 'Status' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Dead letter' }).click()
  await page.keyboard.press('Escape')
  await expect(rows(page)).toHaveCount(1)
  await expect(links(page)).toHaveAttribute('href', new RegExp(dead.id))
  await expect(page).toHaveURL(/status=DEAD_LETTER/)
  await page.getByRole('button', { name: 'Type' }).click()
  await page.getByRole('option', { name: /^Sample work/ }).click()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/status=DEAD_LETTER/)
  await expect(page).toHaveURL(/type=sample\.work/)

  const url = page.url()
  await page.reload()
  await expect(rows(page)).toHaveCount(1)
  await expect(links(page)).toHaveAttribute('href', new RegExp(dead.id))
  const colleague = await as('VIEWER')
  await colleague.goto(url)
  await expect(rows(colleague)).toHaveCount(1)
  await expect(links(colleague)).toHaveAttribute('href', new RegExp(dead.id))

  // Each filter is one step of the history. The Back button first removes the type, then the status.
  await page.goBack()
  await expect(page).not.toHaveURL(/type=/)
  await expect(page).toHaveURL(/status=DEAD_LETTER/)
  await expect(page.getByRole('button', { name: 'Type' })).not.toContainText('Sample work')
  await page.goBack()
  await expect(page).not.toHaveURL(/status=/)
  await expect(rows(page)).toHaveCount(2)
  await page.goForward()
  await expect(page).toHaveURL(/status=DEAD_LETTER/)
  await expect(rows(page)).toHaveCount(1)
})

test('the page shows what the address says, however quickly somebody goes back @long', async ({ as }) => {
  test.setTimeout(120_000) // ten loads of the page
  const page = await as('OPERATOR')
  const status = page.getByRole('button', { name: /^Status/ })
  for (const pause of [0, 30, 60, 90, 120]) {
    await page.goto('/jobs')
    await status.click()
    await page.getByRole('menuitemcheckbox', { name: 'Dead letter' }).click()
    await page.keyboard.press('Escape')
    await expect(page).toHaveURL(/status=DEAD_LETTER/)
    await page.getByRole('button', { name: 'Mine' }).click()
    await expect(page).toHaveURL(/mine=true/)
    // After a reload, the router has to ask the server at each step.
    await page.reload()
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await page.goBack()
    await page.waitForTimeout(pause)
    await page.goBack()
    await expect(page).not.toHaveURL(/status=/)
    await expect(status, `${pause} ms between two steps back`).not.toContainText('Dead letter')
  }
})

test('long lists come in pages without gaps or repetitions @long', async ({ as }) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  const jobs = Array.from({ length: 60 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n } }))
  const { data } = await api.mutate<{ jobs: { id: string }[] }>('jobs.submitMany', { organizationId: home, jobs })
  const newestFirst = data.jobs.map(({ id }) => id).reverse()
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}`)
  const ids = () =>
    links(page).evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname.split('/').at(-1)))
  await expect(rows(page)).toHaveCount(50)
  const first = await ids()
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(rows(page)).toHaveCount(10)
  expect([...first, ...(await ids())]).toEqual(newestFirst)

  await page.reload()
  await expect(rows(page)).toHaveCount(10)
  await expect(page.getByRole('button', { name: 'Older' })).toBeDisabled()
  await page.getByRole('button', { name: 'Newer' }).click()
  await expect(rows(page)).toHaveCount(50)
  expect(await ids()).toEqual(first)
})

test('a reader whose browser has no room for what a page remembers turns the pages of a list all the same', async ({
  as,
}) => {
  const word = uniqueWord()
  const jobs = Array.from({ length: 51 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n } }))
  await withKey('OPERATOR').mutate('jobs.submitMany', { organizationId: home, jobs })
  const page = await as('VIEWER')
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(50)
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(rows(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Newer' }).click()
  await expect(rows(page)).toHaveCount(50)
})

test('j and k move through the rows and Enter opens one, but in a text field they are just typed', async ({ as }) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  for (const n of [1, 2, 3]) await api.submit({ jobType: 'sample.noop', parameters: { word, n } })
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(3)
  await page.keyboard.press('j')
  await expect(links(page).nth(0)).toBeFocused()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(links(page).nth(2)).toBeFocused()
  await page.keyboard.press('j')
  await expect(links(page).nth(2)).toBeFocused()
  await page.keyboard.press('k')
  await expect(links(page).nth(1)).toBeFocused()

  await page.keyboard.press('/')
  await expect(search(page)).toBeFocused()
  await page.keyboard.press('End')
  await page.keyboard.type('jk/')
  await expect(search(page)).toHaveValue(`${word}jk/`)
  await page.keyboard.press('Escape')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(3)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const second = (await links(page).nth(1).getAttribute('href')) ?? ''
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(second.split('?')[0] ?? ''))
  await expect(jobPage(page).badge).toBeVisible()
})

test('the list is live but does not move: rows change in place, and new jobs wait to be shown @long', async ({
  as,
}) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  const admin = withKey('ADMIN')
  const older = await api.submit({ jobType: 'sample.noop', parameters: { word } })
  const waiting = await api.submit({
    jobType: 'sample.work',
    parameters: { data: word },
    runAt: '2099-01-01T00:00:00Z',
  })
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(2)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const noReload = await expectNoReload(page)
  const status = (row: number) => rows(page).nth(row).locator('[data-status]')
  await expect(status(0)).toHaveAttribute('data-status', 'PENDING')

  await admin.mutate('jobs.cancel', { jobId: waiting.id })
  await expect(status(0)).toHaveAttribute('data-status', 'CANCELED')
  await expect(status(1)).toHaveAttribute('data-status', 'COMPLETED')

  const newest = await api.submit({ jobType: 'sample.noop', parameters: { word, n: 2 } })
  const pill = page.getByRole('button', { name: '1 new' })
  await expect(pill).toBeVisible()
  await expect(links(page)).toHaveCount(2)
  await expect(links(page).nth(0)).toHaveAttribute('href', new RegExp(waiting.id))
  await pill.click()
  await expect(links(page)).toHaveCount(3)
  await expect(links(page).nth(0)).toHaveAttribute('href', new RegExp(newest.id))
  await expect(links(page).nth(2)).toHaveAttribute('href', new RegExp(older.id))
  await expect(pill).toHaveCount(0)

  // The progress of a running job counts up in its row.
  const running = await api.submit({
    jobType: 'sample.work',
    parameters: { durationMs: 12_000, progressSteps: 20, data: word },
  })
  await page.getByRole('button', { name: '1 new' }).click()
  await expect(links(page).nth(0)).toHaveAttribute('href', new RegExp(running.id))
  await expect(rows(page).nth(0).getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/)
  await expect(status(0)).toHaveAttribute('data-status', 'COMPLETED', { timeout: 40_000 })
  await noReload()
})

test('a click anywhere in a row opens its job, and the way back keeps the filters', async ({ as }) => {
  const word = uniqueWord()
  await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(1)
  await rows(page).click({ position: { x: 4, y: 4 } })
  await expect(page).toHaveURL(JOB_URL)
  await expect(jobPage(page).parameters).toContainText(word)
  await page.goBack()
  await expect(search(page)).toHaveValue(word)
  await expect(rows(page)).toHaveCount(1)
})

test('a link to “Mine” shows only the jobs of the person who opens it', async ({ as, session }) => {
  const word = uniqueWord()
  await withKey('ADMIN').submit({ jobType: 'sample.noop', parameters: { word, n: 1 } })
  const { api } = await session('OPERATOR')
  const own = await api.submit({ jobType: 'sample.noop', parameters: { word, n: 2 } })
  const page = await as('OPERATOR')
  await page.goto(`/jobs?org=${home}&q=${word}&mine=true`)
  await expect(rows(page).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Mine' })).toHaveAttribute('aria-pressed', 'true')
  await expect(rows(page)).toHaveCount(1)
  await expect(links(page)).toHaveAttribute('href', new RegExp(own.id))
  await page.getByRole('button', { name: 'Mine' }).click()
  await expect(rows(page)).toHaveCount(2)
})

test('a filter that could not be answered says so, and does not show the jobs of the filter before', async ({ as }) => {
  const word = uniqueWord()
  const api = withKey('OPERATOR')
  const job = await api.submit({ jobType: 'sample.noop', parameters: { word } })
  await api.until(job.id, 'COMPLETED')
  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(1)

  let down = true
  await page.route(/\/api\/trpc\/.*jobs\.list/, (route) => (down ? route.abort() : route.continue()))
  await page.getByRole('button', { name: 'Status' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Completed' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await expect(rows(page)).toHaveCount(0)
  await expect(page.getByRole('navigation', { name: 'Pages' })).toHaveCount(0)

  down = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(links(page)).toHaveAttribute('href', new RegExp(job.id))
})
