import { readFile } from 'node:fs/promises'
import { byNavigation, JOB_URL, expect, jobPage, test, type Page } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

const WIDTHS = [
  { name: '1440', look: { viewport: { width: 1440, height: 900 } } },
  { name: '390', look: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
] as const

/** The rows of the list, or its cards on a phone. */
const rows = (page: Page) =>
  page
    .getByLabel('Jobs, newest first')
    .or(page.getByRole('table', { name: 'Jobs, newest first' }))
    .locator('tr, li')
    .filter({ has: page.locator('a[data-row-link]') })
const links = (page: Page) => rows(page).locator('a[data-row-link]')
const search = (page: Page) => page.getByRole('combobox', { name: 'Search jobs' })
const idsOf = (page: Page) =>
  links(page).evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname.split('/').at(-1)))
const tell = (task: string, width: string, clicks: number) =>
  process.stdout.write(`${task}, ${width} px: ${clicks} ${clicks === 1 ? 'click' : 'clicks'}\n`)
const later = () => new Date(Date.now() + 86_400_000).toISOString()

for (const { name, look } of WIDTHS) {
  test(`an operator finds the job of an order number with one click, and recognizes it without opening it, ${name} wide`, async ({
    as,
  }) => {
    const number = 10_000_000 + Math.floor(Math.random() * 80_000_000)
    const api = withKey('OPERATOR')
    const job = await api.submit({ jobType: 'sample.noop', parameters: { order: { id: number }, customer: 'Ada' } })
    // One job has a number that only begins like this one. Another has this number at another place.
    await api.submit({ jobType: 'sample.noop', parameters: { order: { id: number * 10 + 1 } } })
    await api.submit({ jobType: 'sample.noop', parameters: { invoice: number } })
    const page = await as('OPERATOR', look)
    await page.goto('/jobs')
    await expect(rows(page).first()).toBeVisible()
    let clicks = 0
    await search(page).click()
    clicks++
    await page.keyboard.type(`order.id:${number}`)
    await expect(rows(page)).toHaveCount(1)
    expect(await idsOf(page)).toEqual([job.id])
    await expect(rows(page)).toContainText(String(number))
    await expect(page).toHaveURL(new RegExp(`arg=order\\.id`))
    tell('Task 6, find the job of an order number', name, clicks)
    expect(clicks).toBe(1)
  })
}

for (const { name, look } of WIDTHS) {
  test(`the row of a job tells why it does not move, ${name === '390' ? 'two clicks' : 'one click'} from the overview, ${name} wide`, async ({
    as,
  }) => {
    const word = uniqueWord()
    const api = withKey('OPERATOR')
    const parent = await api.submit({ jobType: 'sample.noop', parameters: { word, n: 1 }, runAt: later() })
    const child = await api.submit({ jobType: 'sample.noop', parameters: { word, n: 2 }, dependsOn: [parent.id] })
    const page = await as('VIEWER', look)
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    const clicks = await byNavigation(page, 'Jobs')
    const row = (id: string) => rows(page).filter({ has: page.locator(`a[href*="${id}"]`) })
    await expect(row(child.id)).toContainText('For other jobs')
    await expect(row(parent.id)).toContainText('Scheduled')
    tell('Task 2, why a job does not move', name, clicks)
    expect(clicks).toBe(name === '390' ? 2 : 1)

    await search(page).fill(`why:parents ${word}`)
    await expect.poll(() => idsOf(page)).toEqual([child.id])
    await expect(page).toHaveURL(/waitingFor=WAITING_FOR_PARENTS/)
  })
}

test('a typed search lists the same jobs as the API, and a wrong word is named with a way to correct it', async ({
  as,
}) => {
  const word = uniqueWord()
  const admin = withKey('ADMIN')
  const submit = (n: number, more: object = {}) =>
    admin.submit({ jobType: 'sample.noop', parameters: { word, n, text: `t${n}` }, runAt: later(), ...more })
  const jobs = [await submit(1), await submit(2, { priority: 'HIGH' }), await submit(3)]
  await admin.mutate('jobs.cancel', { jobId: jobs[2]!.id })
  const page = await as('VIEWER')
  await page.goto('/jobs')
  await expect(rows(page).first()).toBeVisible()
  const asks: [text: string, filter: object][] = [
    [`status:pending type:sample.* ${word}`, { status: ['PENDING'], jobTypePrefix: 'sample.', search: word }],
    [`priority:high ${word}`, { priority: ['HIGH'], search: word }],
    [
      `n:1,2 word:"${word}"`,
      {
        args: [
          { path: 'n', values: [1, 2] },
          { path: 'word', value: word },
        ],
      },
    ],
    [`status:canceled ended:1h ${word.slice(0, -2)}`, { status: ['CANCELED'], search: word }],
    [`created:>2030-01-01 ${word}`, { createdAfter: '2030-01-01T00:00:00Z', search: word }],
  ]
  for (const [text, filter] of asks) {
    await search(page).fill(text)
    await search(page).press('Enter')
    const answer = await admin.query<{ items: Job[] }>('jobs.list', { organizationId: home, ...filter, limit: 50 })
    await expect.poll(() => idsOf(page), { message: text }).toEqual(answer.data.items.map(({ id }) => id))
  }

  // The field suggests keywords, values and places.
  await search(page).fill('')
  await page.keyboard.type('stat')
  await expect(page.getByRole('option', { name: /^status:/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.type('canc')
  await expect(page.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.type(word)
  await expect(search(page)).toHaveValue(`status:canceled ${word}`)
  await expect.poll(() => idsOf(page)).toEqual([jobs[2]!.id])

  await search(page).fill(`status:done ${word}`)
  await search(page).press('Enter')
  await expect(page.getByText('“done” is no status. Choose of pending, queued')).toBeVisible()
  await expect(search(page)).toHaveAttribute('aria-invalid', 'true')
  // A click beside the field leaves it. Its conditions then appear as chips.
  await search(page).fill(`status:canceled ${word}`)
  await search(page).press('Enter')
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).click()
  await page.getByRole('button', { name: 'Remove status:canceled' }).click()
  await expect(rows(page)).toHaveCount(3)
})

test('a job that no longer matches the filter stays in place, greyed, and coming back keeps filter, scroll and focus', async ({
  as,
}) => {
  const word = uniqueWord()
  const admin = withKey('ADMIN')
  const { data } = await admin.mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: Array.from({ length: 40 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n }, runAt: later() })),
  })
  const [gone] = data.jobs
  const page = await as('ADMIN')
  await page.goto(`/jobs?q=${word}&status=PENDING`)
  await expect(rows(page)).toHaveCount(40)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await admin.mutate('jobs.cancel', { jobId: gone!.id })
  const news = page.getByRole('button', { name: '1 no longer matches' })
  await expect(news).toBeVisible()
  await expect(rows(page)).toHaveCount(40)
  await expect(rows(page).last()).toHaveAttribute('data-dimmed', 'true')
  await expect(rows(page).last().locator('[data-status]')).toHaveAttribute('data-status', 'CANCELED')
  await news.click()
  await expect(rows(page)).toHaveCount(39)

  const last = links(page).last()
  const href = (await last.getAttribute('href'))!
  await last.scrollIntoViewIfNeeded()
  const scrolled = await page.evaluate(() => window.scrollY)
  expect(scrolled).toBeGreaterThan(100)
  await last.click()
  await expect(page).toHaveURL(JOB_URL)
  await page.getByRole('main').getByRole('link', { name: 'Jobs', exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`q=${word}`))
  await expect(page).toHaveURL(/status=PENDING/)
  const focused = page.locator(`a[data-row-link][href="${href}"]`)
  await expect(focused).toBeFocused()
  await expect(focused).toBeInViewport()
})

test('a view is saved with its filters and columns, shared, opened by a colleague, and deleted', async ({ as }) => {
  const word = uniqueWord()
  await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}&status=COMPLETED&since=24h`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save or change views…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Saved views' })
  await dialog.getByLabel('Name').fill(`Done ${word}`)
  await dialog.getByLabel('Share it with everybody in the organization').check()
  await dialog.getByRole('button', { name: 'Save the view' }).click()
  await expect(page.getByText(`Saved as “Done ${word}”`)).toBeVisible()

  const colleague = await as('VIEWER')
  await colleague.goto('/jobs')
  await colleague.getByRole('button', { name: 'Views' }).click()
  await colleague.getByRole('menuitem', { name: `Done ${word}` }).click()
  await expect(colleague).toHaveURL(/since=24h/)
  await expect(rows(colleague)).toHaveCount(1)
  await expect(search(colleague)).toHaveValue(`status:completed created:24h ${word}`)

  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save or change views…' }).click()
  await dialog.getByRole('button', { name: `Delete Done ${word}` }).click()
  await page.getByRole('button', { name: 'Delete view' }).click()
  await expect(dialog.getByRole('button', { name: `Delete Done ${word}` })).toHaveCount(0)
})

test('the list is exported as CSV with all its pages, and the file is one click away', async ({ as }) => {
  const word = uniqueWord()
  await withKey('ADMIN').mutate('jobs.submitMany', {
    organizationId: home,
    jobs: Array.from({ length: 70 }, (_, n) => ({
      jobType: 'sample.noop',
      parameters: { word, n: n % 2, each: n },
      runAt: later(),
    })),
  })
  const page = await as('OPERATOR')
  await page.goto(`/jobs?arg=n:1&arg=word:${word}`)
  await expect(rows(page)).toHaveCount(35)
  await page.getByRole('button', { name: 'Export CSV' }).click()
  const file = page.getByRole('region', { name: 'Export' }).getByRole('link', { name: 'Download' })
  await expect(file).toBeVisible({ timeout: 30_000 })
  const [download] = await Promise.all([page.waitForEvent('download'), file.click()])
  const lines = (await readFile((await download.path())!, 'utf8')).trim().split(/\r?\n/)
  expect(lines).toHaveLength(36)
})

test('the palette opens pages and finds jobs by typed words, all by keyboard', async ({ as }) => {
  const word = uniqueWord()
  const job = await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { note: word } })
  const page = await as('OPERATOR')
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  const input = page.getByRole('combobox', { name: 'Command palette' })
  await expect(input).toBeFocused()
  await page.keyboard.type(word)
  await expect(page.getByRole('option', { name: new RegExp(job.id.slice(-8)) })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(job.id))
  await expect(jobPage(page).parameters).toContainText(word)

  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('job ty')
  await expect(page.getByRole('option', { name: 'Job types' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Job types' })).toBeVisible()

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys and search' })).toContainText('order.id:4711')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a page of 1,000 jobs draws only the visible rows, and its rows can be reached by keys, ticked and scrolled', async ({
  as,
}) => {
  test.setTimeout(120_000)
  const word = uniqueWord()
  await withKey('ADMIN').mutate('jobs.submitMany', {
    organizationId: home,
    jobs: Array.from({ length: 1000 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n }, runAt: later() })),
  })
  const page = await as('ADMIN')
  await page.goto(`/jobs?q=${word}&rows=1000`)
  const table = page.getByRole('table', { name: 'Jobs, newest first' })
  await expect(table).toHaveAttribute('aria-rowcount', '1001')
  await expect(rows(page).first()).toBeVisible()
  expect(await rows(page).count()).toBeLessThan(100)
  const longest = await longTasks(page)

  for (let n = 0; n < 30; n++) {
    await page.keyboard.press('j')
    await expect(page.locator(`tr[data-index="${n}"] a[data-row-link]`)).toBeFocused()
  }
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selected jobs' })).toContainText('1 selected')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await expect(page.getByRole('region', { name: 'Selected jobs' })).toContainText('1000 selected')
  await page.mouse.move(700, 500)
  for (let n = 0; n < 20; n++) await page.mouse.wheel(0, 1500)
  await expect
    .poll(async () => Number(await page.locator('tr[data-index]').last().getAttribute('data-index')))
    .toBeGreaterThan(500)
  await page.keyboard.press('/')
  await search(page).press('End')
  await page.keyboard.type(' abcdef', { delay: 40 })
  process.stdout.write(`1,000 rows: longest task ${Math.round(await longest())} ms\n`)
})

/** Returns a function that tells the page's longest task since now, in milliseconds. Tasks up to 50 ms count as 0. */
async function longTasks(page: Page) {
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(window, { seenTasks: seen })
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
  })
  return () => page.evaluate(() => Math.max(0, ...(window as unknown as { seenTasks: number[] }).seenTasks))
}
