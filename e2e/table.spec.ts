import { expect, test, type Page } from './test'
import { home, uniqueWord, withKey } from './world'

const table = (page: Page) => page.getByRole('table', { name: 'Jobs, newest first' })
const rows = (page: Page) =>
  table(page)
    .locator('tbody tr')
    .filter({ has: page.getByRole('link') })

/** Submits jobs that wait until a day far away. Returns the word that finds them. */
async function jobs(count: number): Promise<string> {
  const word = uniqueWord()
  await withKey('ADMIN').mutate('jobs.submitMany', {
    organizationId: home,
    jobs: Array.from({ length: count }, (_, n) => ({
      jobType: 'sample.noop',
      parameters: { word, n },
      runAt: '2099-01-01T00:00:00Z',
    })),
  })
  return word
}

test('columns are hidden, shown again and made wider, and stay so after a reload', async ({ as }) => {
  const word = await jobs(2)
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(2)
  const head = (name: string) => table(page).getByRole('columnheader', { name, exact: true })

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Created' }).click()
  await page.keyboard.press('Escape')
  await expect(head('Created')).toHaveCount(0)
  const width = async () => (await head('Why').boundingBox())?.width ?? 0
  const before = await width()
  await page.getByRole('separator', { name: 'Width of Why' }).focus()
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowRight')
  await expect.poll(width).toBe(before + 48) // 16 px for each press
  const edge = (await page.getByRole('separator', { name: 'Width of Why' }).boundingBox())!
  await page.mouse.move(edge.x + 4, edge.y + 4)
  await page.mouse.down()
  await page.mouse.move(edge.x + 34, edge.y + 40, { steps: 3 })
  await page.mouse.up()
  await expect.poll(width).toBe(before + 78) // and 30 px by the mouse

  await page.reload()
  await expect(rows(page)).toHaveCount(2)
  await expect(head('Created')).toHaveCount(0)
  await expect.poll(width).toBe(before + 78)

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitem', { name: 'As at first' }).click()
  await expect(head('Created')).toBeVisible()
  await expect.poll(width).toBe(before)
})

test('a click with shift ticks all rows from the last ticked one on', async ({ as }) => {
  const word = await jobs(6)
  const page = await as('ADMIN')
  await page.goto(`/jobs?q=${word}`)
  await expect(rows(page)).toHaveCount(6)
  const tick = (row: number) => rows(page).nth(row).getByRole('checkbox')
  await tick(1).click()
  await tick(4).click({ modifiers: ['Shift'] })
  await expect(page.getByRole('region', { name: 'Selected jobs' })).toContainText('4 selected')
  for (const row of [1, 2, 3, 4]) await expect(tick(row)).toBeChecked()
  for (const row of [0, 5]) await expect(tick(row)).not.toBeChecked()
})

test('a reader who opened a job far down in a long list comes back to its row, with the focus on it', async ({
  as,
}) => {
  const word = await jobs(200)
  const page = await as('VIEWER')
  await page.goto(`/jobs?q=${word}&rows=200`)
  await expect(table(page)).toHaveAttribute('aria-rowcount', '201')
  const row = page.locator('tr[data-index="150"]')
  await expect(async () => {
    await page.evaluate(() => window.scrollTo({ top: document.body.scrollHeight * 0.75 }))
    await expect(row).toBeVisible({ timeout: 500 })
  }).toPass()
  const href = (await row.getByRole('link').first().getAttribute('href'))!
  await row.getByRole('link').first().click()
  await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Jobs', exact: true }).click()
  const link = page.locator(`a[data-row-link][href="${href}"]`)
  await expect(link).toBeFocused()
  await expect(link).toBeInViewport()
})

test('a page has one connection for its events, and a hidden tab reads nothing until it is shown @long', async ({
  as,
}) => {
  const page = await as('ADMIN')
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
  expect(asked.filter((path) => path.endsWith('/jobs.watch'))).toHaveLength(1)

  // Tells the page that it is hidden, as a browser does when another tab covers it.
  const setHidden = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => (value ? 'hidden' : 'visible'),
      })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  const canceled = page.getByRole('list', { name: 'Jobs by status' }).getByRole('link', { name: /^Canceled/ })
  const count = async () => Number((await canceled.innerText()).replace(/\D/g, ''))
  const before = await count()
  await setHidden(true)
  const api = withKey('ADMIN')
  // Calls that had begun before the tab was hidden still end.
  await page.waitForTimeout(1_000)
  asked.length = 0
  const job = await api.submit({
    jobType: 'sample.noop',
    parameters: { word: uniqueWord() },
    runAt: '2099-01-01T00:00:00Z',
  })
  await api.mutate('jobs.cancel', { jobId: job.id })
  // An overview that is shown would have read again by then.
  await page.waitForTimeout(4_000)
  expect(asked, 'a hidden overview').toEqual([])
  await setHidden(false)
  await expect.poll(count).toBeGreaterThan(before)

  /** How many questions are asked for the first time within two seconds. */
  const newQuestions = async () => {
    const known = () => new Set(asked.flatMap((path) => path.split('/').at(-1)!.split(','))).size
    const already = known()
    // Parts whose code is loaded later ask a second after the others on a slow machine.
    await page.waitForTimeout(2_000)
    return known() - already
  }
  // A minute passes on other pages, among them one of a job whose log could grow.
  const running = await api.submit({ jobType: 'sample.work', parameters: { mode: 'hang', data: uniqueWord() } })
  await api.until(running.id, 'RUNNING')
  try {
    await page.clock.install()
    for (const path of ['/jobs', '/workers', '/requests', `/jobs/${running.id}`]) {
      await page.goto(path)
      await expect(page.locator('.skeleton')).toHaveCount(0)
      await expect.poll(newQuestions, 'first questions of a page').toBe(0)
      await setHidden(true)
      await page.waitForTimeout(500)
      asked.length = 0
      await page.clock.fastForward('01:00')
      await page.waitForTimeout(500)
      // The connection is looked after in a hidden tab, too. A jump of the clock makes it look silent.
      const calls = asked.filter((called) => called.startsWith('/api/trpc/') && !called.endsWith('/jobs.watch'))
      expect(calls, `${path}, hidden`).toEqual([])
    }
  } finally {
    await api.mutate('jobs.cancel', { jobId: running.id })
  }
})

for (const [name, viewport, list] of [
  ['a table', { width: 1440, height: 900 }, 'table tbody'],
  ['a list of cards', { width: 390, height: 844 }, 'ul[aria-label="Jobs, newest first"]'],
] as const)
  test(`${name} of forty jobs draws its first rows at once, keeps the place of the others, and draws them after that`, async ({
    as,
  }) => {
    const word = await jobs(40)
    const page = await as('VIEWER', { viewport })
    // Notes how many rows the page has, and how high the space for those to come is, whenever that changes.
    await page.addInitScript((selector) => {
      const seen: { rows: number; space: number }[] = []
      Object.assign(window, { seen })
      new MutationObserver(() => {
        const rows = document.querySelectorAll(`${selector} > :has(a[data-row-link])`).length
        const space = document.querySelector(`${selector} > [aria-hidden]`)?.getBoundingClientRect().height ?? 0
        const last = seen.at(-1)
        if (rows > 0 && (last?.rows !== rows || last.space !== space)) seen.push({ rows, space })
      }).observe(document, { childList: true, subtree: true })
    }, list)
    await page.goto(`/jobs?q=${word}`)
    await expect(page.locator(`${list} a[data-row-link]`)).toHaveCount(40)
    const seen = await page.evaluate(() => (window as unknown as { seen: { rows: number; space: number }[] }).seen)
    // All rows of a table are equally high. A card counts as 80 px before it is drawn.
    const height =
      name === 'a table'
        ? await rows(page)
            .first()
            .evaluate((row) => row.getBoundingClientRect().height)
        : 80
    expect(seen[0]).toEqual({ rows: 24, space: 16 * height })
    expect(seen.at(-1)).toEqual({ rows: 40, space: 0 })
  })
