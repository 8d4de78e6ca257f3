import { countingClicks, WIDTHS } from './clicks'
import { MOST_JUMPS, tooWide } from './layout'
import { expect, jobPage, test, type Page } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

/** How far the content of a page moved by itself while it was loaded. */
async function shiftsOf(page: Page, path: string): Promise<number> {
  await page.addInitScript(() => {
    const found = { sum: 0 }
    Object.assign(window, { shifts: found })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) found.sum += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(path)
  await expect(jobPage(page).badge).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
  await page.waitForLoadState('networkidle')
  return page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum)
}

for (const { name: width, look: options } of WIDTHS) {
  test(`task 7 at ${width}: from its page an operator runs a job again with one changed value in three clicks, and no secret is lost`, async ({
    as,
  }) => {
    const [name, token] = [`e2e.${uniqueWord()}`, `tok-${uniqueWord()}`]
    const made = await withKey('SYSTEM_ADMIN', null).mutate('jobTypes.create', {
      name,
      displayName: name,
      handler: 'sample.noop',
      parameterSchema: {
        type: 'object',
        properties: {
          amount: { type: 'integer', title: 'Amount' },
          note: { type: 'string' },
          token: { type: 'string', title: 'Token', 'x-sensitive': true },
        },
        required: ['amount', 'token'],
      },
    })
    expect(made.error).toBeUndefined()
    const api = withKey('OPERATOR')
    const parameters = { amount: 41, note: uniqueWord(), token }
    const first = await api.submit({ jobType: name, parameters })
    await api.until(first.id, 'COMPLETED')

    const page = await as('OPERATOR', options)
    const task = await countingClicks(page, `Task 7 at ${width}, from the job's page`)
    const moved = await shiftsOf(page, `/jobs/${first.id}`)
    console.log(`Layout shift of a job's page at ${width}: ${moved.toFixed(3)}`)
    expect(moved).toBeLessThan(MOST_JUMPS)

    await page.getByRole('button', { name: 'Run again', exact: true }).click()
    const form = page.getByRole('region', { name: 'Run again' })
    await form.getByLabel('Amount').click()
    await form.getByLabel('Amount').fill('42')
    await expect(form.getByRole('list', { name: 'What is changed' })).toHaveText(/^amount\s*41\s*→\s*42$/)
    await expect(form).not.toContainText(token)
    await form.getByRole('button', { name: 'Run with this change' }).click()
    await expect(page.getByRole('heading', { name: 'Lineage' })).toBeVisible()
    await task.reach(3)

    const id = jobPage(page).idInUrl()
    expect(id).not.toBe(first.id)
    expect((await api.get(id)).parameters).toEqual({ ...parameters, amount: 42 })

    // The links work in both directions, also for a person who may not see the secret.
    const reader = await as('VIEWER', options)
    await reader.goto(`/jobs/${id}`)
    const lineage = reader.getByRole('region', { name: 'Lineage' })
    await expect(lineage.getByRole('list', { name: 'Difference of parameters' })).toHaveText(/^amount\s*41\s*→\s*42$/)
    await lineage.getByRole('link').click()
    await expect(reader).toHaveURL(new RegExp(first.id))
    await expect(lineage.getByRole('list', { name: 'Jobs that repeat this one' }).getByRole('link')).toHaveAttribute(
      'href',
      new RegExp(id),
    )
    expect(await reader.content()).not.toContain(token)
  })
}

test('task 7 at 390, from the list: an operator taps the card of a job, runs it again with one changed value, and needs four taps', async ({
  as,
}) => {
  const name = `e2e.${uniqueWord()}`
  await withKey('SYSTEM_ADMIN', null).change('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: { amount: { type: 'integer', title: 'Amount' }, note: { type: 'string' } },
      required: ['amount'],
    },
  })
  const api = withKey('OPERATOR')
  const first = await api.submit({ jobType: name, parameters: { amount: 41, note: uniqueWord() } })
  await api.until(first.id, 'COMPLETED')

  const page = await as('OPERATOR', WIDTHS.find(({ name: width }) => width === '390')!.look)
  const task = await countingClicks(page, 'Task 7 at 390, from the list')
  await page.goto(`/jobs?type=${name}`)
  await page.locator(`a[data-row-link][href*="${first.id}"]`).tap()
  await expect(jobPage(page).badge).toBeVisible()
  await page.getByRole('button', { name: 'Run again', exact: true }).tap()
  const form = page.getByRole('region', { name: 'Run again' })
  const amount = form.getByLabel('Amount')
  // The form begins at the top, because the keyboard of a phone covers the lower half of the page.
  await expect.poll(async () => (await form.boundingBox())?.y ?? Infinity).toBeLessThan(40)
  await amount.tap()
  await amount.fill('42')
  const run = form.getByRole('button', { name: 'Run with this change' })
  await expect(run).toBeInViewport({ ratio: 1 })
  await run.tap()
  await expect(page.getByRole('heading', { name: 'Lineage' })).toBeVisible()
  await task.reach(4)
  expect((await api.get(jobPage(page).idInUrl())).parameters).toMatchObject({ amount: 42 })
  expect(await tooWide(page)).toBe(0)
})

test('an operator runs a dead job again whose children died of it: the form opens, though they name it in their errors', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const word = uniqueWord()
  const { data } = await api.mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [
      { jobType: 'sample.work', parameters: { mode: 'permanent', durationMs: 0, data: word }, ref: 'parent' },
      ...[1, 2, 3].map((child) => ({
        jobType: 'sample.work',
        parameters: { durationMs: 0, data: `${word} child ${child}` },
        dependsOn: ['parent'],
      })),
    ],
  })
  // A search for the id of the parent finds its children, too. The form must not depend on such a search.
  const [parent, ...children] = data.jobs.map(({ id }) => id)
  for (const id of [parent!, ...children]) await api.until(id, 'DEAD_LETTER')

  const page = await as('OPERATOR')
  await page.goto(`/jobs/${parent}?again=true`)
  const form = page.getByRole('region', { name: 'Run again' })
  await expect(form.getByRole('button', { name: /^Run/ })).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
})

test('the form that runs a job again begins with the parameters that the job has now, also after a change', async ({
  as,
  session,
}) => {
  const { api } = await session('OPERATOR')
  const word = uniqueWord()
  const job = await api.submit({
    jobType: 'sample.work',
    parameters: { durationMs: 41, data: word },
    runAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  const page = await as('OPERATOR')
  await page.goto(`/jobs/${job.id}`)
  const { parameters } = jobPage(page)
  const form = page.getByRole('region', { name: 'Run again' })
  const open = () => page.getByRole('button', { name: 'Run again', exact: true }).click()
  const close = () => form.getByRole('button', { name: 'Close' }).click()
  await open()
  await expect(form.getByLabel('Duration (ms)')).toHaveValue('41')
  await close()

  await page.getByRole('button', { name: 'Change', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change this job' })
  await dialog.getByLabel('Parameters as JSON').fill(JSON.stringify({ durationMs: 42, data: word }))
  await dialog.getByRole('button', { name: 'Change job' }).click()
  await expect(dialog).toHaveCount(0)
  await open()
  await expect(form.getByLabel('Duration (ms)')).toHaveValue('42')
  await expect(form.getByText('Nothing is changed')).toBeVisible()

  // A change by somebody else does not touch the form that is open, and shows when the form is opened again.
  await form.getByLabel('Duration (ms)').fill('50')
  const changes = { parameters: { durationMs: 43, data: word } }
  await withKey('ADMIN').mutate('jobs.update', { jobId: job.id, changes })
  await expect(parameters).toContainText('43')
  await expect(form.getByLabel('Duration (ms)')).toHaveValue('50')
  await close()
  await open()
  await expect(form.getByLabel('Duration (ms)')).toHaveValue('43')
  await api.mutate('jobs.cancel', { jobId: job.id })
})
