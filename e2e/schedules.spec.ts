import { Client as Database } from 'pg'
import { expect, test, type Page } from './test'
import { databaseUrl, home, uniqueWord, withKey } from './world'
import { faultsOf } from './axe'
import { freshOrganization } from './incident'
import { settled } from './screens'

const admin = withKey('ADMIN')
const main = (page: Page) => page.getByRole('main')

interface Made {
  id: string
}
const made = new Set<string>()
// Also after a test that has failed, so that no schedule submits jobs while other tests run.
test.afterEach(async () => {
  for (const scheduleId of made) await admin.mutate('schedules.delete', { scheduleId })
  made.clear()
})

async function makeSchedule(name: string, changes: object = {}): Promise<string> {
  const { id } = await admin.change<Made>('schedules.create', {
    organizationId: home,
    name,
    jobType: 'sample.noop',
    // Once a year, so that it does not run by itself during the test.
    cron: '0 0 1 1 *',
    timeZone: 'UTC',
    ...changes,
  })
  made.add(id)
  return id
}

const SIZES = [
  ['1440', { width: 1440, height: 900 }],
  ['390', { width: 390, height: 844 }],
] as const

for (const [width, viewport] of SIZES) {
  test(`at ${width}: an admin makes a schedule, sees its next five runs before saving, runs it once and opens the job`, async ({
    as,
  }) => {
    const name = `Report ${uniqueWord()}`
    const page = await as('ADMIN', { viewport })
    await page.goto('/schedules')
    await settled(page)
    await main(page).getByRole('link', { name: 'New schedule' }).first().click()
    const form = page.getByRole('form', { name: 'Schedule' })
    await form.getByLabel('Name').fill(name)
    // Text that is no JSON belongs to the job type for which it was typed, and does not hold back another one.
    await form.getByLabel('Job type').selectOption('sample.work')
    await form.getByRole('radio', { name: 'JSON' }).check()
    await form.getByLabel('Parameters as JSON').fill('{')
    await form.getByLabel('Job type').selectOption('sample.noop')
    await form.getByLabel('Times', { exact: false }).first().fill('0 0 31 2 *')
    await expect(form).toContainText('it never comes')
    await form.getByRole('button', { name: 'Weekdays at 9' }).click()
    await form.getByLabel('Time zone').fill('Europe/Berlin')
    await expect(form).toContainText('At 09:00, Monday through Friday')
    await expect(form.locator('ol > li')).toHaveCount(5)
    // Two working days, whatever the zone of the reader is.
    await form.getByLabel('Not before').fill('2031-01-06T00:00')
    await form.getByLabel('Not after').fill('2031-01-07T23:00')
    await expect(form.locator('ol > li')).toHaveCount(2)
    await expect(form).toContainText('Then it is over: it ends before the next run.')
    await form.getByLabel('Not before').fill('')
    await form.getByLabel('Not after').fill('')
    await expect(form.locator('ol > li')).toHaveCount(5)
    await form.getByRole('radio', { name: 'Leave the new one out' }).check()
    await form.getByRole('button', { name: 'Make the schedule' }).click()

    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    made.add(new URL(page.url()).pathname.split('/').at(-1)!)
    await expect(main(page)).toContainText('The new run is left out')
    expect(await faultsOf(page, 'the page of a schedule')).toEqual([])
    await main(page).getByRole('button', { name: 'Run now' }).click()
    const runs = main(page).getByRole('list', { name: 'Runs, newest first' })
    await expect(runs.getByRole('link', { name: 'Completed' })).toBeVisible({ timeout: 20_000 })
    await runs.getByRole('link', { name: 'Completed' }).click()
    await expect(main(page).getByRole('link', { name: `Schedule ${name}` })).toBeVisible()
  })
}

test('the form of a schedule shows no runs of an expression or time zone that was taken out', async ({ as }) => {
  const page = await as('ADMIN')
  await page.goto('/schedules/~new')
  const form = page.getByRole('form', { name: 'Schedule' })
  const [times, zone] = [form.getByLabel('Times', { exact: false }).first(), form.getByLabel('Time zone')]
  for (const [field, text] of [
    [times, '0 9 * * *'],
    [zone, 'Europe/Berlin'],
  ] as const) {
    await times.fill('0 9 * * *')
    await zone.fill('Europe/Berlin')
    await expect(form.locator('ol > li')).toHaveCount(5)
    await field.fill('')
    await expect(form).toContainText('Give an expression and a time zone.')
    await expect(form.locator('ol > li')).toHaveCount(0)
    await field.fill(text)
  }
})

test('the form of a schedule that has run and is over says that no more runs come', async ({ as }) => {
  const id = await makeSchedule(`Over ${uniqueWord()}`)
  await admin.change('schedules.runNow', { scheduleId: id })
  // The API takes no end that has passed. This one passes while nobody looks.
  const database = new Database({ connectionString: databaseUrl })
  await database.connect()
  await database.query("UPDATE schedules SET end_at = now() - interval '1 day' WHERE id = $1", [id])
  await database.end()
  const page = await as('ADMIN')
  await page.goto(`/schedules/${id}/edit`)
  await expect(page.getByRole('form', { name: 'Schedule' })).toContainText('No more runs: it ends before the next one.')
})

test('a form or dialog that nobody touches does not draw itself again and again @long', async ({ as }) => {
  const id = await makeSchedule(`Still ${uniqueWord()}`)
  const page = await as('ADMIN')
  // Counts the timers by which these forms wait until somebody has stopped typing. They are known by their length,
  // which is SETTLED_MS in times-card.tsx and backfill-dialog.tsx.
  await page.addInitScript(() => {
    const counted = window as unknown as { timers: number }
    counted.timers = 0
    const original = window.setTimeout.bind(window)
    const counting = (handler: TimerHandler, ms?: number, ...rest: unknown[]) => {
      if (ms === 250 || ms === 300) counted.timers++
      return original(handler, ms, ...rest)
    }
    window.setTimeout = counting as typeof window.setTimeout
  })
  const timersOf = async (act: () => Promise<unknown>) => {
    const count = () => page.evaluate(() => (window as unknown as { timers: number }).timers)
    const before = await count()
    await act()
    return (await count()) - before
  }
  const rest = () => page.waitForTimeout(2_000)
  await page.goto('/schedules/~new')
  const form = page.getByRole('form', { name: 'Schedule' })
  expect(await timersOf(() => form.getByLabel('Times', { exact: false }).first().fill('0 9 * * *'))).toBeGreaterThan(0)
  await expect(form.locator('ol > li')).toHaveCount(5)
  await rest()
  expect(await timersOf(rest)).toBe(0)

  await page.goto(`/schedules/${id}`)
  await main(page).getByRole('button', { name: 'Backfill' }).click()
  const dialog = page.getByRole('dialog', { name: /^Backfill / })
  expect(await timersOf(() => dialog.getByLabel('From').fill('2026-01-05T00:00'))).toBeGreaterThan(0)
  await expect(dialog).toContainText('would be submitted')
  await rest()
  expect(await timersOf(rest)).toBe(0)
})

for (const [width, viewport] of SIZES)
  test(`at ${width}: an admin backfills a past day by the clock of the schedule: the preview says how many runs, and the receipt what became of them @long`, async ({
    as,
  }) => {
    const name = `Daily ${uniqueWord()}`
    const id = await makeSchedule(name, { cron: '0 8-20 * * *', timeZone: 'Asia/Tokyo' })
    const page = await as('ADMIN', { viewport })
    await page.goto(`/schedules/${id}`)
    await main(page).getByRole('button', { name: 'Backfill' }).click()
    const dialog = page.getByRole('dialog', { name: `Backfill ${name}` })
    await expect(dialog).toContainText('By the clock of Asia/Tokyo')
    expect(await faultsOf(page, 'backfill', '[role=dialog]')).toEqual([])
    // From 8 in the morning in Tokyo, which is an hour before midnight in UTC.
    await dialog.getByLabel('From').fill('2026-01-05T00:00')
    await dialog.getByLabel('To', { exact: true }).fill('2026-01-05T13:30')
    await expect(dialog).toContainText('6 runs were planned; 6 would be submitted')
    await dialog.getByLabel('Reason').fill('The import was down')
    await dialog.getByRole('button', { name: 'Submit 6 runs' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Backfilled 6 jobs' })).toBeVisible()
    await expect(main(page)).toContainText(`runs of the schedule ${name}`)
    await expect(main(page)).toContainText('The import was down')
    await page.goto(`/jobs?schedule=${id}`)
    await settled(page)
    await expect(main(page).getByText('6 jobs', { exact: true })).toBeVisible()
  })

for (const [width, viewport] of SIZES)
  test(`at ${width}: what an admin switches off has no next run, and what is deleted is gone @long`, async ({ as }) => {
    const name = `Yearly ${uniqueWord()}`
    const id = await makeSchedule(name, { startAt: '2026-01-01T10:00:30Z', jitterSeconds: 60, cron: '0 * * * *' })
    await admin.mutate('schedules.runNow', { scheduleId: id })
    const page = await as('ADMIN', { viewport })
    await page.goto('/schedules')
    const strip = main(page).getByRole('region', { name: 'The last and the next 24 hours' })
    await expect(strip).toContainText(name)
    await expect(strip.locator('[data-look]').first()).toBeVisible()
    expect(await faultsOf(page, 'the list of schedules')).toEqual([])
    await main(page).getByRole('searchbox', { name: 'Search schedules' }).fill(name.toUpperCase())
    await expect(page).toHaveURL(/q=/)
    await expect(main(page).getByRole('list', { name: 'Schedules, newest first' }).getByRole('listitem')).toHaveCount(1)
    await page.goto('/schedules?state=OFF&q=' + encodeURIComponent(name))
    await expect(main(page)).toContainText('No schedule fits')
    await main(page).getByRole('button', { name: 'Show all' }).click()
    const row = main(page).getByRole('listitem').filter({ hasText: name })
    const on = row.getByRole('switch', { name: `${name} is switched on` })
    await expect(on).toBeChecked()
    await on.click()
    await expect(on).not.toBeChecked()
    await expect(row).toContainText('Off')
    expect(
      (await admin.query<{ nextRunAt: string | null }>('schedules.get', { scheduleId: id })).data.nextRunAt,
    ).toBeNull()
    await row.getByRole('link', { name: `Change ${name}` }).click()
    await expect(page.getByLabel('Name')).toHaveValue(name)
    expect(await faultsOf(page, 'the form of a schedule')).toEqual([])
    await page.getByLabel('Name').fill(`${name} changed`)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('heading', { level: 1, name: `${name} changed` })).toBeVisible()
    // The form shows no seconds, and leaves those alone that are there.
    expect((await admin.query<{ startAt: string }>('schedules.get', { scheduleId: id })).data.startAt).toBe(
      '2026-01-01T10:00:30.000Z',
    )
    await main(page).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete schedule' }).click()
    await expect(page).toHaveURL(/\/schedules(\?|$)/)
    await settled(page)
    await expect(main(page).getByRole('listitem').filter({ hasText: name })).toHaveCount(0)
    expect((await admin.query('schedules.get', { scheduleId: id })).error?.data.reason).toBe('NOT_FOUND')
    // Jobs that it submitted still link to it.
    await page.goto(`/schedules/${id}`)
    await expect(page.getByRole('heading', { level: 1, name: 'Schedule not found' })).toBeVisible()
  })

test('a viewer sees schedules and cannot change or run them; an operator can run one and cannot change it @long', async ({
  as,
}) => {
  const name = `Seen ${uniqueWord()}`
  await makeSchedule(name)
  const viewer = await as('VIEWER')
  await viewer.goto('/schedules')
  const row = (page: Page) => main(page).getByRole('listitem').filter({ hasText: name })
  await expect(row(viewer)).toBeVisible()
  const changing = (page: Page) => [
    row(page).getByRole('switch'),
    row(page).getByRole('link', { name: /^Change/ }),
    row(page).getByRole('button', { name: /^Delete/ }),
  ]
  await expect(row(viewer).getByRole('button')).toHaveCount(0)
  for (const control of changing(viewer)) await expect(control).toHaveCount(0)
  await expect(main(viewer).getByRole('link', { name: 'New schedule' })).toHaveCount(0)
  await viewer.goto('/schedules/~new')
  await expect(main(viewer)).toContainText('Schedules are made by admins')
  const operator = await as('OPERATOR')
  await operator.goto('/schedules')
  await expect(row(operator)).toBeVisible()
  for (const control of changing(operator)) await expect(control).toHaveCount(0)
  await row(operator)
    .getByRole('button', { name: `Run now: ${name}` })
    .click()
  await expect(row(operator).getByText('Last runs, newest first: Completed')).toBeAttached({ timeout: 20_000 })
})

test('a system admin sees whose each schedule is, and that those of a paused organization are held back', async ({
  as,
}) => {
  const root = withKey('SYSTEM_ADMIN', null)
  const organizationId = await freshOrganization()
  const word = uniqueWord()
  const held = await root.mutate<Made>('schedules.create', {
    organizationId,
    name: `Held ${word}`,
    jobType: 'sample.noop',
    cron: '0 * * * *',
    timeZone: 'UTC',
  })
  expect(held.error).toBeUndefined()
  const {
    data: { name: organization },
  } = await root.query<{ name: string }>('organizations.get', { organizationId })
  await root.mutate('control.pause', { scope: 'organization', organizationId, reason: 'Stocktaking' })
  const page = await as('SYSTEM_ADMIN', { viewport: SIZES[1][1] })
  await page.goto(`/schedules?org=all&q=${word}`)
  const row = main(page)
    .getByRole('listitem')
    .filter({ hasText: `Held ${word}` })
  await expect(row).toContainText(organization)
  await expect(row).toContainText('Held back: the organization is paused')
  await page.goto(`/schedules?org=${organizationId}`)
  await expect(row).not.toContainText(organization)
})
