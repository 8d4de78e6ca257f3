import pg from 'pg'
import { freshOrganization } from './incident'
import { expect, expectNoReload, test } from './test'
import { databaseUrl, home, uniqueWord, withKey } from './world'

test('the range of the overview is in the URL', async ({ as }) => {
  const page = await as('VIEWER')
  await page.goto('/')
  await expect(page.getByRole('radio', { name: '24h' })).toBeChecked()
  await page.getByRole('radio', { name: '7d' }).check()
  await expect(page).toHaveURL(/range=7d/)
  await expect(page.getByRole('region', { name: 'Throughput' })).toContainText('last 7 days')
  await page.reload()
  await expect(page.getByRole('radio', { name: '7d' })).toBeChecked()
  await page.getByRole('radio', { name: '1h' }).check()
  await expect(page).toHaveURL(/range=1h/)
  await page.goBack()
  await expect(page.getByRole('radio', { name: '7d' })).toBeChecked()
})

test('a click on a bar of the overview’s chart opens the jobs that completed in it', async ({ as }) => {
  await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })
  const page = await as('VIEWER')
  await page.goto('/?range=1h')
  const chart = page.getByRole('region', { name: 'Throughput' }).locator('[data-chart]')
  await expect(chart).toBeVisible()
  const box = await chart.boundingBox()
  if (!box) throw new Error('There is no chart.')
  // The point is near the right edge, where the newest buckets are, and just above the axis, where the completed part
  // of a bar stands. The test does what a person does: point, read the tooltip, click.
  const position = { x: box.width - 12, y: box.height - 23 }
  await chart.hover({ position })
  await expect(page.getByRole('region', { name: 'Throughput' }).getByText('Submitted')).toBeVisible()
  await chart.click({ position })
  await expect(page).toHaveURL(/\/jobs\?/)
  const params = new URL(page.url()).searchParams
  expect(params.get('status')).toBe('COMPLETED')
  const [after, before] = [params.get('endedAfter'), params.get('endedBefore')].map((value) => Date.parse(value ?? ''))
  expect(before! - after!).toBeGreaterThan(0)
  expect(before! - after!).toBeLessThanOrEqual(3_600_000)
  expect(Math.abs(Date.now() - before!)).toBeLessThan(3_600_000)
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
})

test('the figures behind the overview’s chart lead to their jobs by keyboard', async ({ as }) => {
  const word = uniqueWord()
  const job = await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
  const page = await as('VIEWER')
  await page.goto('/?range=24h')
  await page.getByRole('radio', { name: 'Table' }).check()
  const link = page
    .getByRole('group', { name: 'Throughput in figures' })
    .getByRole('link', { name: /submitted/ })
    .first()
  await link.focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/jobs\?.*after=/)
  await expect(
    page.getByRole('table', { name: 'Jobs, newest first' }).locator(`a[data-row-link][href*="${job.id}"]`),
  ).toBeVisible()
})

test('the tiles of the overview count jobs by status, update by themselves, and link to the jobs', async ({ as }) => {
  const page = await as('ADMIN')
  await page.goto('/')
  const tile = page.getByRole('list', { name: 'Jobs by status' }).getByRole('link', { name: /^Canceled/ })
  const count = async () => Number((await tile.innerText()).replace(/\D/g, ''))
  await expect(tile).toHaveText(/\d/)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const before = await count()
  const noReload = await expectNoReload(page)
  const api = withKey('ADMIN')
  const job = await api.submit({
    jobType: 'sample.noop',
    parameters: { word: uniqueWord() },
    runAt: '2099-01-01T00:00:00Z',
  })
  await api.mutate('jobs.cancel', { jobId: job.id })
  await expect.poll(count).toBeGreaterThan(before)
  await tile.click()
  await expect(page).toHaveURL(/\/jobs\?.*status=CANCELED/)
  await expect(page.locator(`a[data-row-link][href*="${job.id}"]`)).toBeVisible()
  await noReload()
})

test('the overview names job types that fail, and links to their jobs', async ({ as }) => {
  const api = withKey('OPERATOR')
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } })
  await api.until(dead.id, 'DEAD_LETTER')
  const page = await as('VIEWER')
  await page.goto('/?range=1h')
  const table = page.getByRole('region', { name: 'Job types' })
  const row = table.getByRole('row', { name: /^sample\.work/ })
  await expect(table.getByRole('columnheader', { name: 'Job type' }), 'stands above the names').toHaveCSS(
    'text-align',
    'left',
  )
  await expect(row).toHaveText(/[1-9]\d* ?%/)
  await row.getByRole('rowheader').getByRole('link').click()
  await expect(page).toHaveURL(/\/jobs\?.*type=sample\.work/)
  await expect(page.locator(`a[data-row-link][href*="${dead.id}"]`)).toBeVisible()
})

test('a system admin sees the jobs of all organizations, or of one of them', async ({ as }) => {
  const page = await as('SYSTEM_ADMIN')
  await page.goto('/jobs')
  await expect(page).toHaveURL(/org=/)
  await page.getByRole('button', { name: /^Organization:/ }).click()
  await page.getByRole('menuitemradio', { name: 'All organizations' }).click()
  await expect(page).toHaveURL(/org=all/)
  await expect(page.getByRole('columnheader', { name: 'Organization' })).toBeVisible()
  await page.goto(`/jobs?org=${home}`)
  await expect(page.getByRole('columnheader', { name: 'Organization' })).toHaveCount(0)
  await expect(page.getByRole('table').locator('tbody tr a').first()).toBeVisible()
})

test('a system admin switches the overview from one organization to all and back: figures and links follow, and Back returns to the one', async ({
  as,
}) => {
  const root = withKey('SYSTEM_ADMIN', null)
  const [one, other] = [await freshOrganization(), await freshOrganization()]
  for (const organizationId of [one, other])
    await root.submit(
      { jobType: 'sample.noop', parameters: { word: uniqueWord() }, runAt: '2099-01-01T00:00:00Z' },
      organizationId,
    )
  const { data: its } = await root.query<{ name: string }>('organizations.get', { organizationId: one })
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${one}`)
  const switcher = page.getByRole('button', { name: /^Organization:/ })
  const scheduled = page.getByRole('list', { name: 'Jobs by status' }).locator('a[href*="status=PENDING"]')
  const count = async () => Number(await scheduled.getAttribute('data-count'))
  const isOfTheOne = async () => {
    await expect(page).toHaveURL(new RegExp(`org=${one}`))
    await expect(switcher).toContainText(its.name)
    await expect.poll(count).toBe(1)
    await expect(scheduled).toHaveAttribute('href', new RegExp(`org=${one}`))
  }
  await isOfTheOne()
  const noReload = await expectNoReload(page)

  await switcher.click()
  await page.getByRole('menuitemradio', { name: 'All organizations' }).click()
  await expect(page).toHaveURL(/org=all/)
  await expect(switcher).toContainText('All organizations')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await expect(page).toHaveTitle('Overview · Jobyard')
  // Both organizations have such a job, and others may have some, too.
  await expect.poll(count).toBeGreaterThanOrEqual(2)
  await expect(scheduled).toHaveAttribute('href', /org=all/)
  await scheduled.click()
  await expect(page).toHaveURL(/\/jobs\?.*org=all/)
  await expect(page.getByRole('columnheader', { name: 'Organization' })).toBeVisible()

  await page.goBack()
  await expect(page).toHaveURL(/org=all/)
  await expect.poll(count).toBeGreaterThanOrEqual(2)
  await page.goBack()
  await isOfTheOne()
  await noReload()
})

test('where jobs of one cause waited for different jobs, the overview says how many these are and leads to each', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const root = withKey('SYSTEM_ADMIN', null)
  const parents: string[] = []
  for (const part of ['first', 'second']) {
    const word = `${part} ${uniqueWord()}`
    const { jobs } = await root.change<{ jobs: { id: string }[] }>('jobs.submitMany', {
      organizationId,
      jobs: [
        { jobType: 'sample.work', ref: 'p', maxRetries: 0, parameters: { mode: 'permanent', data: word } },
        { jobType: 'sample.noop', dependsOn: ['p'], parameters: { word } },
      ],
    })
    await root.until(jobs[1]!.id, 'DEAD_LETTER')
    parents.push(jobs[0]!.id)
  }
  const page = await as('SYSTEM_ADMIN')
  for (const parent of parents) {
    await page.goto(`/?org=${organizationId}`)
    const row = page
      .getByRole('region', { name: 'Needs a look' })
      .getByRole('listitem')
      .filter({ hasText: '2 jobs ended first' })
    await expect(row).toContainText('sample.noop')
    await row.getByRole('button', { name: '2 jobs ended first' }).click()
    await expect(page.getByRole('menuitem')).toHaveCount(2)
    await page.getByRole('menuitem', { name: new RegExp(parent.slice(-8)) }).click()
    await expect(page).toHaveURL(new RegExp(`/jobs/${parent}`))
  }
})

test('a drag over the overview’s chart chooses a time, the figures follow, and the range comes back', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } })
  await api.until(dead.id, 'DEAD_LETTER')
  const page = await as('VIEWER')
  await page.goto('/?range=1h')
  const region = page.getByRole('region', { name: 'Throughput' })
  const chart = region.locator('[data-chart]')
  await expect(chart).toBeVisible()
  // The mouse reaches only what is inside the window, and a chart without its figures chooses nothing.
  await chart.scrollIntoViewIfNeeded()
  await expect(region.locator('[data-chart] .bar-failed').first()).toBeVisible()
  const moveTo = async (share: number) => {
    const box = (await chart.boundingBox())!
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 4 })
  }
  await moveTo(0.6)
  await page.mouse.down()
  await moveTo(0.8)
  await expect(region.locator('[data-brush]')).toBeVisible()
  await moveTo(1.06)
  await page.mouse.up()
  await expect(page).toHaveURL(/from=.*to=/)
  const params = new URL(page.url()).searchParams
  const [from, to] = [Date.parse(params.get('from')!), Date.parse(params.get('to')!)]
  // From six tenths of the hour to its end, in whole buckets: about 24 minutes.
  expect(to - from).toBeGreaterThan(15 * 60_000)
  expect(to - from).toBeLessThan(40 * 60_000)
  // The chosen time reaches up to now, so what has just failed is in it: in the vitals, among the causes and in the
  // table of job types.
  const failed = page.getByRole('region', { name: 'Vitals' }).locator('a[data-failures]')
  await expect(failed).toHaveAttribute('href', new RegExp(`failedAfter=${params.get('from')}`))
  await expect(page.getByRole('region', { name: 'Job types' }).locator('a[data-failures]').first()).toHaveAttribute(
    'href',
    new RegExp(`failedAfter=${params.get('from')}`),
  )
  const figure = Number(await failed.getAttribute('data-failures'))
  expect(figure).toBeGreaterThan(0)
  await failed.click()
  await expect(page.locator('main [data-total-failures]')).toHaveAttribute('data-total-failures', String(figure))
  await expect(page.locator(`a[data-row-link][href*="${dead.id}"]`)).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('radio', { name: '1h' })).not.toBeChecked()
  await page.getByRole('button', { name: /^Show the last 1h again/ }).click()
  await expect(page).not.toHaveURL(/from=/)
  await expect(page.getByRole('radio', { name: '1h' })).toBeChecked()
})

test('a time of the overview is chosen by keyboard', async ({ as }) => {
  const page = await as('VIEWER')
  await page.goto('/?range=24h')
  const begin = page.getByRole('slider', { name: 'Beginning of a time to look at' })
  const end = page.getByRole('slider', { name: 'End of a time to look at' })
  // A day has 96 buckets, numbered from 0. PageUp goes on by 10.
  await begin.focus()
  for (let n = 0; n < 8; n++) await page.keyboard.press('PageUp')
  await page.keyboard.press('ArrowRight')
  await expect(begin).toHaveAttribute('aria-valuenow', '81')
  const words = await begin.getAttribute('aria-valuetext')
  await end.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(end).toHaveAttribute('aria-valuenow', '94')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/from=.*to=/)
  const params = new URL(page.url()).searchParams
  // 14 buckets of a quarter of an hour.
  expect(Date.parse(params.get('to')!) - Date.parse(params.get('from')!)).toBe(14 * 900_000)
  await expect(page.getByRole('region', { name: 'Throughput' })).toContainText(words!.split(' – ')[0]!)
})

test('the overview shows the same percentiles as the API, and how many workers are alive', async ({ as }) => {
  const organizationId = await freshOrganization()
  const root = withKey('SYSTEM_ADMIN', null)
  for (let n = 0; n < 3; n++) {
    const job = await root.submit({ jobType: 'sample.noop', parameters: { n } }, organizationId)
    await root.until(job.id, 'COMPLETED')
  }
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${organizationId}`)
  const { data } = await root.query<Record<'wait' | 'run', Record<string, number>>>('metrics.overview', {
    organizationId,
    range: '24h',
  })
  for (const [title, what] of [
    ['Waiting time', 'wait'],
    ['Run time', 'run'],
  ] as const)
    for (const name of ['p50', 'p95', 'p99']) {
      const shown = page.getByRole('region', { name: title }).locator(`[data-percentile=${name}]`)
      await expect(shown).toHaveText(/^[\d.]+ ?(ms|s)$/)
      const [, figure, unit] = /^([\d.]+) ?(ms|s)$/.exec(await shown.innerText())!
      // Both are in seconds. The page rounds.
      expect(Math.abs(Number(figure) / (unit === 'ms' ? 1000 : 1) - data[what][name]!), `${what} ${name}`).toBeLessThan(
        0.06,
      )
    }
  const workers = page.getByRole('region', { name: 'Workers' })
  const fleet = await root.query<{ workers: { alive: number } }>('metrics.fleet', { organizationId })
  await expect(workers.locator('dd').first()).toHaveText(String(fleet.data.workers.alive))
  await expect(workers.getByRole('link', { name: 'All workers' })).toHaveAttribute('href', /^\/workers/)
  await expect(page.getByText('No worker is alive.')).toHaveCount(0)
})

test('where no worker is alive, the overview says so at its top', { tag: ['@alone', '@long'] }, async ({ as }) => {
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  // A worker that lives tells so every five seconds. So its signs of life are taken away faster than that. One whose
  // last sign is an hour old counts as lost for certain.
  let silent = true
  const silence = (async () => {
    while (silent) {
      await database.query("UPDATE workers SET last_seen_at = now() - interval '1 hour' WHERE stopped_at IS NULL")
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  try {
    const page = await as('VIEWER')
    await page.goto('/')
    const note = page.getByRole('status').filter({ hasText: 'No worker is alive.' })
    await expect(note).toBeInViewport({ ratio: 1 })
    await expect(note.getByRole('link', { name: 'Workers' })).toHaveAttribute('href', /^\/workers/)
    silent = false
    await silence
    await expect(note).toHaveCount(0, { timeout: 30_000 })
  } finally {
    silent = false
    await silence
    await database.end()
  }
})

test('where a part of a page cannot be read again, the page says that it is outdated, and reads again when asked', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const submit = () =>
    withKey('SYSTEM_ADMIN', null).submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } }, organizationId)
  await submit()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${organizationId}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Needs a look' })).toContainText('Nothing failed')
  const figures = '**/api/trpc/**metrics.overview**'
  await page.route(figures, (route) => route.fulfill({ status: 500, body: 'broken' }))
  await submit()
  const outdated = page.getByRole('button', { name: 'Outdated' })
  await expect(outdated).toBeVisible({ timeout: 30_000 })
  await Promise.all([page.waitForRequest(figures), outdated.click()])
  await page.unroute(figures)
  // The page may read again by itself, and then there is no button any more.
  await expect(async () => {
    if (await outdated.isVisible()) await outdated.click({ timeout: 1_000 })
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 3_000 })
  }).toPass()
})

// Alone, because what asks about causes of failures waits for the lock of the table, in every organization.
test('one slow answer does not hold back the other parts of the overview', { tag: '@alone' }, async ({ as }) => {
  const organizationId = await freshOrganization()
  const root = withKey('SYSTEM_ADMIN', null)
  await root.submit(
    { jobType: 'sample.noop', parameters: {}, runAt: new Date(Date.now() + 86_400_000).toISOString() },
    organizationId,
  )
  const page = await as('SYSTEM_ADMIN')
  // Only the causes of failures are read from this table.
  const holder = new pg.Client({ connectionString: databaseUrl })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE ignored_causes IN ACCESS EXCLUSIVE MODE')
  try {
    await page.goto(`/?org=${organizationId}`)
    await expect(page.getByRole('region', { name: 'What waits' })).toContainText('1 Scheduled', { timeout: 10_000 })
    await expect(page.getByRole('region', { name: 'Workers' }).locator('dd').first()).toHaveText(/^\d+$/)
    await expect(page.getByRole('region', { name: 'Needs a look' }).locator('.skeleton').first()).toBeVisible()
  } finally {
    await holder.query('ROLLBACK')
    await holder.end()
  }
  await expect(page.getByRole('region', { name: 'Needs a look' })).toContainText('Nothing failed')
})
