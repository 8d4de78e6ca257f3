import { faultsOf } from './axe'
import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { jumps, MOST_JUMPS, noteJumps, tooWide } from './layout'
import { expect, test, type Page } from './test'
import { home, uniqueWord, withKey } from './world'

const root = () => withKey('SYSTEM_ADMIN', null)
const table = (page: Page) => page.getByRole('table', { name: 'Job types, by name' })
const row = (page: Page, name: string) => table(page).getByRole('row').filter({ hasText: name })
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

interface TypeOnWire {
  name: string
  version: number
  timeoutSeconds: number
  maxRetries: number
  concurrency: { global: number | null; perOrganization: number | null }
}

/** Makes a job type that only this test knows. */
async function makeType(over: object = {}) {
  const word = uniqueWord()
  const [name, displayName] = [`e2e.${word}`, `Type ${word}`]
  const answer = await root().mutate<TypeOnWire>('jobTypes.create', {
    name,
    displayName,
    handler: 'sample.work',
    title: '{data.customer}',
    parameterSchema: {
      type: 'object',
      properties: { data: { type: 'object', properties: { customer: { type: 'string', title: 'Customer' } } } },
    },
    concurrency: { global: 2 },
    ...over,
  })
  expect(answer.error).toBeUndefined()
  return { word, name, displayName }
}
const read = async (name: string) => (await root().query<TypeOnWire>('jobTypes.get', { name })).data
const audit = async (name: string) =>
  (
    await root().query<{ items: { targetId: string; action: string; reason: string | null }[] }>('audit.list', {
      limit: 50,
    })
  ).data.items.filter(({ targetId }) => targetId === name)

for (const { name: width, look } of WIDTHS) {
  test(`task 11 at ${width}: a system admin changes the limit that decides how long the queue takes, from the overview and without a deploy, in three clicks`, async ({
    as,
  }) => {
    const { name } = await makeType({ concurrency: { global: 2 } })
    const organizationId = await freshOrganization()
    const jobs = Array.from({ length: 5 }, (_, n) => ({
      jobType: name,
      parameters: { durationMs: 120_000, data: { n } },
    }))
    expect((await root().mutate('jobs.submitMany', { organizationId, jobs })).error).toBeUndefined()
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 11 at ${width}`)
    await page.goto(`/?org=${organizationId}`)
    await page.getByRole('button', { name: `Change the limit of ${name}` }).click()
    const dialog = page.getByRole('dialog', { name: /^Limit of / })
    await expect(dialog.getByLabel('At once, over all organizations')).toBeFocused()
    await page.keyboard.type('5')
    await expect(dialog.getByRole('list', { name: 'Difference' })).toHaveText(/At once, over all organizations.*2.*5/)
    await dialog.getByRole('button', { name: 'Save limit' }).click()
    await expect(dialog).toHaveCount(0)
    await task.reach(3)
    expect(await read(name)).toMatchObject({ version: 2, concurrency: { global: 5, perOrganization: null } })
    // The message links to the new version.
    await page.getByRole('link', { name: 'Version 2' }).click()
    await expect(page.getByRole('listitem', { name: 'Version 2' })).toContainText('2 → 5')
    await root().mutate('jobs.cancelMany', { organizationId, filter: { jobType: [name] } })
  })
}

test('a system admin changes a limit where the list of job types shows it, with the keyboard alone once it is open', async ({
  as,
}) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN')
  await page.goto('/job-types?org=all')
  await page.getByRole('button', { name: new RegExp(`^Change the limit of ${name}: .*at most 2`) }).click()
  await expect(page.getByRole('dialog').getByLabel('At once, over all organizations')).toBeFocused()
  await page.keyboard.type('5')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(
    page.getByRole('button', { name: new RegExp(`^Change the limit of ${name}: .*at most 5`) }),
  ).toBeVisible()
})

test('a row tells what is wrong with a job type and how many jobs run of its limit, and the search finds it @long', async ({
  as,
}) => {
  const { word, name, displayName } = await makeType({ concurrency: { global: 1 } })
  const api = withKey('OPERATOR')
  const jobs = []
  for (let n = 0; n < 3; n++)
    jobs.push(await api.submit({ jobType: name, parameters: { durationMs: 120_000, data: { n } } }))
  try {
    await api.until(jobs[0]!.id, 'RUNNING')
    const page = await as('SYSTEM_ADMIN')
    await page.goto('/job-types')
    await page.getByRole('searchbox', { name: 'Search job types' }).fill(word)
    await expect(row(page, name)).toContainText('At its limit')
    await expect(page).toHaveURL(new RegExp(`q=${word}`))
    await expect(table(page).getByRole('row')).toHaveCount(2) // the heading and the type
    const [waiting, running] = [2, 3].map((column) => row(page, name).getByRole('cell').nth(column))
    await expect(waiting!).toHaveText('2')
    await expect(running!).toHaveText('1 of 1')
    await page.getByText('Needs a look').click()
    await expect(page).toHaveURL(/show=look/)
    await expect(row(page, name)).toBeVisible()

    // The page updates without a reload. A higher limit lets the other jobs run.
    await root().change('jobTypes.update', { name, changes: { concurrency: { global: 5 } } })
    await expect(page.getByText('Nothing needs a look').or(page.getByText('No job type fits'))).toBeVisible({
      timeout: 45_000,
    })
    await page.getByRole('button', { name: 'Show all' }).click()
    await expect(page.getByRole('link', { name: displayName })).toBeVisible()
  } finally {
    for (const { id } of jobs) await api.mutate('jobs.cancel', { jobId: id })
  }
})

test('a system admin edits a job type: the title is tried on the newest job, and the difference is confirmed with a reason', async ({
  as,
}) => {
  const { name } = await makeType()
  await withKey('OPERATOR').submit({ jobType: name, parameters: { data: { customer: 'Hooli' } } })
  const page = await as('SYSTEM_ADMIN')
  await page.goto('/job-types?org=all')
  await row(page, name).locator('a[data-row-link]').click()
  const form = page.getByRole('form', { name: 'Settings' })
  await expect(form).toContainText('would be called')
  await expect(form.locator('[data-preview]')).toHaveText('Hooli')
  await form.getByLabel('Template').fill('For {data.customer}')
  await expect(form.locator('[data-preview]')).toHaveText('For Hooli')
  await form.getByLabel('Template').fill('For {data.customer')
  await expect(form.getByLabel('Template')).toHaveAccessibleDescription(/without its }/)
  await form.getByLabel('Template').fill('For {data.customer}')
  await form.getByLabel('Timeout, s').fill('0')
  await expect(form.getByLabel('Timeout, s')).toHaveAccessibleDescription(/must be a whole number from 1 to 86,400/)
  await form.getByLabel('Timeout, s').fill('')
  await expect(form.getByLabel('Timeout, s')).toHaveAttribute('placeholder', '300')
  await form.getByLabel('Timeout, s').fill('60')

  await form.getByRole('button', { name: 'Review changes' }).click()
  const dialog = page.getByRole('dialog', { name: /^Save version 2 of / })
  await expect(dialog.getByRole('listitem')).toHaveText([/^Timeout.*from 300 s.* to 60 s/, /^Title of its jobs/])
  await dialog.getByLabel('Reason').fill('The ledger is slow')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(form.getByRole('button', { name: 'Review changes' })).toHaveCount(0)
  expect(await read(name)).toMatchObject({ version: 2, timeoutSeconds: 60, title: 'For {data.customer}' })
  expect((await audit(name)).map(({ action, reason }) => [action, reason])).toContainEqual([
    'jobType.update',
    'The ledger is slow',
  ])
})

test('a schema is checked while it is typed, and its form is drawn beside it', async ({ as }) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/job-types/${name}`)
  const schema = page.getByLabel('JSON Schema')
  const drawn = page.getByRole('region', { name: 'The form that it draws' })
  await expect(drawn.getByLabel('Customer')).toBeVisible()
  const properties = (type: string) =>
    JSON.stringify({ type: 'object', properties: { month: { type, title: 'Month' }, amount: { type: 'integer' } } })
  await schema.fill('{ "type": ')
  await expect(schema).toHaveAccessibleDescription(/This is not JSON yet/)
  await expect(drawn.getByLabel('Customer')).toBeVisible()
  await schema.fill(properties('text'))
  await expect(page.getByRole('region', { name: 'Parameters' }).getByRole('alert')).toContainText(
    'properties.month.type',
  )
  await page.getByRole('button', { name: 'Review changes' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await schema.fill(properties('string'))
  await expect(drawn.getByLabel('Month')).toBeVisible()
  // What checks the values of the form is large. It is fetched when somebody begins to fill it in.
  const scripts = () =>
    page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /\.js($|\?)/.test(name)).length)
  const before = await scripts()
  await drawn.getByLabel('Amount').fill('many')
  await expect.poll(scripts).toBeGreaterThan(before)
  await drawn.getByLabel('Amount').blur()
  await expect(drawn.getByLabel('Amount')).toHaveAccessibleDescription(/whole number/)
  // The title names a place that the new schema still allows, because the schema is open to other fields.
  await expect(page.getByText('1 setting is changed.')).toBeVisible()
})

test('a person who saves a job type after somebody else overwrites nothing: they see what the other changed, and keep their edits', async ({
  as,
}) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/job-types/${name}`)
  const form = page.getByRole('form', { name: 'Settings' })
  await form.getByLabel('Retries', { exact: true }).fill('7')
  await form.getByLabel('Priority').selectOption('High')
  await form.getByRole('button', { name: 'Review changes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await root().change('jobTypes.update', { name, changes: { maxRetries: 3, timeoutSeconds: 900 } })
  const save = dialog.getByRole('button', { name: 'Save' })
  // Either the page has already noticed the new version, or the server refuses the save.
  if ((await save.getAttribute('aria-disabled')) === null) await save.click()
  const alert = form.getByRole('alert').filter({ hasText: 'has saved version 2' })
  await dialog.getByRole('button', { name: 'Edit on' }).click()
  await expect(alert).toContainText('Timeout')
  expect(await read(name)).toMatchObject({ version: 2, maxRetries: 3 })

  await alert.getByRole('button', { name: 'Take it over, keep my edits' }).click()
  await expect(form.getByRole('status').filter({ hasText: 'Both of you' })).toContainText('Retries (now 3)')
  await expect(form.getByLabel('Timeout, s')).toHaveValue('900')
  await expect(form.getByLabel('Retries', { exact: true })).toHaveValue('7')
  await form.getByRole('button', { name: 'Review changes' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await read(name)).toMatchObject({ version: 3, maxRetries: 7, timeoutSeconds: 900, priority: 'HIGH' })
})

test('an old version is compared and restored, and the jobs that still use an old version are counted @long', async ({
  as,
}) => {
  const { name } = await makeType()
  const later = { runAt: '2099-01-01T00:00:00Z' }
  const job = await withKey('OPERATOR').submit({ jobType: name, parameters: { data: {} }, ...later })
  await root().change('jobTypes.update', { name, changes: { timeoutSeconds: 900 } })
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/job-types/${name}`)
  await page.getByRole('tab', { name: /^Versions/ }).click()
  await expect(page.getByText('With older versions 1 job waits and 0 run.')).toBeVisible()
  const version = (n: number) => page.getByRole('listitem', { name: `Version ${n}`, exact: true })
  await expect(version(1)).toContainText('1 wait, 0 run with it')
  await version(2)
    .getByRole('button', { name: /^Version 2/ })
    .click()
  await expect(version(2).getByRole('list', { name: 'Difference' })).toContainText('Timeout')
  await version(1).getByRole('button', { name: 'Revert to version 1' }).click()
  const dialog = page.getByRole('dialog', { name: /^Revert .* to version 1/ })
  await expect(dialog.getByRole('list', { name: 'Difference' })).toContainText('Timeout')

  // Somebody else saves while the dialog is open. It has not shown that, so it does not overwrite it.
  await root().change('jobTypes.update', { name, changes: { maxRetries: 9 } })
  await page.waitForResponse((response) => response.url().includes('jobTypes.get'))
  await dialog.getByRole('button', { name: 'Revert' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Somebody else changed')
  expect(await read(name)).toMatchObject({ version: 3, maxRetries: 9 })
  await dialog.getByRole('button', { name: 'Keep as it is' }).click()
  await expect(version(3)).toContainText('present')

  await version(1).getByRole('button', { name: 'Revert to version 1' }).click()
  await expect(dialog.getByRole('list', { name: 'Difference' })).toContainText('Retries')
  await dialog.getByLabel('Reason').fill('It did not help')
  await dialog.getByRole('button', { name: 'Revert' }).click()
  await expect(version(4)).toContainText('present')
  expect(await read(name)).toMatchObject({ version: 4, timeoutSeconds: 300 })
  await withKey('ADMIN').change('jobs.cancel', { jobId: job.id })
  await expect(page.getByText('No job waits or runs with an older version.')).toBeVisible({ timeout: 30_000 })
})

test('jobs of a version that is too old for the first page of versions are counted, too', async ({ as }) => {
  const { name } = await makeType()
  const later = { runAt: '2099-01-01T00:00:00Z' }
  const job = await withKey('OPERATOR').submit({ jobType: name, parameters: { data: {} }, ...later })
  // A page holds 20 versions.
  for (let n = 0; n < 21; n++) await root().change('jobTypes.update', { name, changes: { timeoutSeconds: 900 + n } })
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/job-types/${name}?tab=versions`)
  await expect(page.getByRole('listitem', { name: 'Version 22', exact: true })).toBeVisible()
  await expect(page.getByRole('listitem', { name: 'Version 1', exact: true })).toHaveCount(0)
  await expect(page.getByText('With older versions 1 job waits and 0 run.')).toBeVisible()
  await withKey('ADMIN').change('jobs.cancel', { jobId: job.id })
})

test('a job type can be paused while its figures cannot be read, and the page says that they cannot', async ({
  as,
}) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN')
  let down = true
  // One request asks for several things. Only the figures fail, because the server has no procedure `metrics.nothing`.
  await page.route(/metrics\.byType/, (route) =>
    route.continue(down ? { url: route.request().url().replaceAll('metrics.byType', 'metrics.nothing') } : {}),
  )
  await page.goto(`/job-types/${name}`)
  const missing = page.getByText('A part of the figures could not be read.')
  await expect(missing).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('dialog', { name: /^Pause / })).toBeVisible()
  await page.keyboard.press('Escape')
  down = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(missing).toHaveCount(0)
})

// A paused job type appears on every page of every organization, so this test runs alone.
test('a job type is paused and resumed from its page, each time with a reason', { tag: '@alone' }, async ({ as }) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/job-types/${name}`)
  const main = page.getByRole('main')
  try {
    await main.getByRole('button', { name: 'Pause', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('The printer is away')
    await dialog.getByRole('button', { name: 'Pause' }).click()
    await expect(dialog).toHaveCount(0)
    await expect(main.locator('dl').filter({ hasText: 'Health' })).toContainText('Paused')
    const viewer = await as('VIEWER')
    await viewer.goto('/job-types')
    await expect(row(viewer, name)).toContainText('Paused')
    await main.getByRole('button', { name: 'Resume', exact: true }).last().click()
    await dialog.getByLabel('Reason').fill('It is back')
    await dialog.getByRole('button', { name: 'Resume' }).click()
    await expect(main.locator('dl').filter({ hasText: 'Health' })).not.toContainText('Paused')
    expect((await audit(name)).map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['The printer is away', 'It is back']),
    )
  } finally {
    await root().change('control.resume', { scope: 'jobType', jobType: name })
  }
})

test('a system admin makes a job type, and is told what is missing before it is sent', async ({ as }) => {
  const page = await as('SYSTEM_ADMIN')
  await page.goto('/job-types?org=all')
  await page.getByRole('main').getByRole('link', { name: 'New job type' }).click()
  const form = page.getByRole('form', { name: 'New job type' })
  await expect(form.getByRole('alert')).toHaveCount(0)
  await form.getByRole('button', { name: 'Make job type' }).click()
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  const name = `e2e.${uniqueWord()}`
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await form.getByLabel('Display name').fill('Made in the dashboard')
  await form.getByLabel('Handler').fill('no.such.handler')
  await form.getByLabel('Retries', { exact: true }).fill('0')
  await form.getByRole('button', { name: 'Make job type' }).click()
  await expect(form.getByLabel('Handler')).toHaveAccessibleDescription(/must be one of .*sample\.noop/)
  await form.getByLabel('Handler').fill('sample.noop')
  await form.getByRole('button', { name: 'Make job type' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Made in the dashboard' })).toBeVisible()
  await expect(page).toHaveTitle(/Made in the dashboard/)
  expect(await read(name)).toMatchObject({ version: 1, maxRetries: 0, timeoutSeconds: 300 })
})

for (const role of ['VIEWER', 'OPERATOR', 'ADMIN'] as const) {
  test(`a member with the role ${role} sees job types and their versions, but nothing that changes them`, async ({
    as,
  }) => {
    const { name, displayName } = await makeType()
    await root().change('jobTypes.update', { name, changes: { timeoutSeconds: 900 } })
    const page = await as(role)
    await page.goto('/job-types')
    await expect(row(page, name)).toBeVisible()
    await expect(page.getByRole('button', { name: /^Change the limit/ })).toHaveCount(0)
    await expect(page.getByRole('link', { name: 'New job type' })).toHaveCount(0)
    await row(page, name).locator('a[data-row-link]').click()
    await expect(page.getByRole('heading', { level: 1, name: displayName })).toBeVisible()
    const settings = page.getByRole('region', { name: 'Settings' })
    await expect(settings).toContainText('A system admin changes them')
    await expect(settings).toContainText('900 s (15m 00s)')
    await expect(page.getByLabel('Customer')).toBeVisible()
    await expect(page.getByRole('main').getByRole('button', { name: 'Pause', exact: true })).toHaveCount(0)
    await page.getByRole('tab', { name: /^Versions/ }).click()
    await expect(page.getByRole('listitem', { name: 'Version 2' })).toContainText('900 s')
    await expect(page.getByRole('button', { name: /^Revert/ })).toHaveCount(0)
    await page.goto('/job-types/~new')
    await expect(page.getByText('Job types are made by system admins')).toBeVisible()
    const refused = await withKey(role).mutate('jobTypes.update', { name, changes: { maxRetries: 1 } })
    expect(refused.error?.data.reason).toBe('NOT_PERMITTED')
  })
}

test('the page of a job type that does not exist says so, and links to the existing ones', async ({ as }) => {
  const page = await as('VIEWER')
  await page.goto('/job-types/no.such.type')
  await expect(page.getByRole('heading', { level: 1, name: 'Job type not found' })).toBeVisible()
  await page.getByRole('link', { name: 'To the job types' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Job types' })).toBeVisible()
})

for (const options of [{ viewport: { width: 1440, height: 900 } }, PHONE]) {
  const { width } = options.viewport
  test(`the pages of job types have no accessibility fault and do not scroll sideways, ${width} wide @long`, async ({
    as,
  }) => {
    test.setTimeout(120_000)
    const { name } = await makeType()
    await root().change('jobTypes.update', { name, changes: { maxRetries: 1 } })
    const page = await as('SYSTEM_ADMIN', options)
    const faults: string[] = []
    const check = async (where: string, part = 'html') => {
      faults.push(...(await faultsOf(page, where, part)))
      const wide = await tooWide(page)
      if (wide > 0) faults.push(`${where}: ${wide} px too wide`)
    }
    for (const path of ['/job-types', `/job-types/${name}`, `/job-types/${name}?tab=versions`, '/job-types/~new']) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      if (path.includes('tab=')) await page.getByRole('button', { name: /^Version 2/ }).click()
      await check(path)
    }
    await page.goto(`/job-types/${name}`)
    await page.getByLabel('Timeout, s').fill('soon')
    await expect(page.getByText('1 field needs attention.')).toBeVisible()
    await check('a field with a mistake')
    await page.getByLabel('Timeout, s').fill('60')
    await page.getByRole('button', { name: 'Review changes' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await check('the difference', '[role=dialog]')
    expect(faults).toEqual([])
  })
}

test('nothing jumps while the list of job types and the page of one are being loaded @long', async ({ as }) => {
  const { name } = await makeType()
  const page = await as('SYSTEM_ADMIN', { viewport: { width: 1440, height: 900 } })
  await noteJumps(page)
  for (const path of ['/job-types', `/job-types/${name}`, `/job-types/${name}?tab=versions`]) {
    await page.goto(`${path}${path.includes('?') ? '&' : '?'}org=${home}`)
    await expect(page.locator('.skeleton')).toHaveCount(0)
    expect(await jumps(page), path).toBeLessThan(MOST_JUMPS)
  }
})
