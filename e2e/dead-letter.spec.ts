import { faultsOf } from './axe'
import { jumps, MOST_JUMPS, noteJumps, tooWide } from './layout'
import type { Locator } from '@playwright/test'
import { freshOrganization, incident } from './incident'
import { countingClicks, WIDTHS } from './clicks'
import { expect, test, type Page } from './test'
import { home, uniqueWord, withKey, type Status } from './world'

const root = withKey('SYSTEM_ADMIN', null)

const causes = (page: Page) =>
  page.getByRole('list', { name: 'Causes of failures, most urgent first' }).getByRole('listitem')
const drawer = (page: Page) => page.getByRole('dialog', { name: /Simulated transient failure/ })
const statuses = async (ids: string[]) => {
  const all: Status[] = []
  for (const id of ids) all.push((await root.get(id)).status)
  return all
}

for (const { name, look } of WIDTHS) {
  test(`task 1 at ${name}: the overview shows at the top what fails now and why, without a click`, async ({ as }) => {
    const { organizationId } = await incident()
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 1 at ${name}`)
    await page.goto(`/?org=${organizationId}`)
    await expect(causes(page)).toHaveCount(3)
    const rows = [
      {
        failures: '7 failures',
        words: [/Simulated transient failure in attempt ‹number›/, /sample\.work/, /7 dead/],
      },
      { failures: '3 failures', words: [/Simulated permanent failure/, /sample\.work/, /3 dead/] },
      { failures: '3 failures', words: [/cannot be called/, /http\.request/, /3 dead/] },
    ]
    for (const { failures, words } of rows) {
      const row = words.reduce<Locator>((all, word) => all.filter({ hasText: word }), causes(page))
      await expect(row).toBeInViewport({ ratio: 1 })
      await expect(row).toContainText(/new since \d\d:\d\d/)
      await expect(row.getByRole('img')).toHaveAccessibleName(/in 24 hours, most on/)
      await expect(row.getByTitle(failures).first()).toBeVisible()
    }
    await task.reach(0)
  })

  test(`task 4 at ${name}: all jobs that failed from one cause are retried in 2 clicks, after a warning about the open circuit`, async ({
    as,
  }) => {
    const { organizationId, mendable, closeCircuit } = await incident()
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 4 at ${name}`)
    await page.goto(`/?org=${organizationId}`)
    await causes(page)
      .filter({ hasText: 'transient' })
      .getByRole('button', { name: /^Retry/ })
      .click()
    const dialog = page.getByRole('dialog', { name: 'Retry 7 jobs?' })
    await expect(dialog).toContainText('All 7 come back.')
    await expect(dialog.locator('[data-holds]')).toHaveText(
      /The circuit of sample\.work is open .* its jobs wait\. One may try from .*\d\d:\d\d \(in \d+m\)/,
    )
    await dialog.getByRole('button', { name: 'Retry jobs' }).click()
    await expect(page.getByText(/^Retried 7 jobs/)).toBeVisible()
    await task.reach(2)
    task.onTheFirstScreen()
    // The message of the retry links to its receipt, and disappears after a while.
    const receipt = await page.getByRole('link', { name: 'Receipt', exact: true }).getAttribute('href')
    // Nothing retries itself here. The row says what holds the jobs.
    await expect(causes(page).filter({ hasText: 'transient' })).toContainText('7 wait: circuit open')

    // The warning was right. The jobs wait for the circuit, and run when it closes.
    expect(await statuses(mendable)).toEqual(mendable.map(() => 'PENDING'))
    await closeCircuit()
    for (const id of mendable) await root.until(id, 'COMPLETED')
    await expect(causes(page).filter({ hasText: 'transient' })).toContainText('all ended')
    await page.goto(receipt!)
    await expect(page.getByRole('heading', { level: 1, name: 'Retried 7 jobs' })).toBeVisible()
  })
}

test('before all jobs of a cause are retried, a system admin tries one from the overview, and sees how it does @long', async ({
  as,
}) => {
  const { organizationId, mendable, closeCircuit } = await incident()
  await closeCircuit()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${organizationId}`)
  await causes(page)
    .filter({ hasText: 'transient' })
    .getByRole('button', { name: /^Retry/ })
    .click()
  await page.getByRole('dialog', { name: 'Retry 7 jobs?' }).getByRole('button', { name: 'Try one first' }).click()
  await expect(drawer(page).getByRole('status')).toContainText('The one that was tried completed')
  await expect(drawer(page).getByRole('button', { name: 'Retry the other 6' })).toBeVisible()
  expect((await statuses(mendable)).filter((status) => status === 'COMPLETED')).toHaveLength(1)
})

test('the overview of an organization without failures says that nothing failed', async ({ as }) => {
  const organizationId = await freshOrganization()
  // Before its first job, an organization is told there how to submit one.
  const job = await root.submit({ jobType: 'sample.noop', parameters: {} }, organizationId)
  await root.until(job.id, 'COMPLETED')
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${organizationId}`)
  const card = page.getByRole('region', { name: 'Needs a look' })
  await expect(card).toContainText('Nothing failed')
  await expect(card.getByRole('button', { name: /^Retry/ })).toHaveCount(0)
})

test('each figure of the dead letters links to exactly the jobs that it counts @long', async ({ as }) => {
  const { organizationId, mendable } = await incident()
  const page = await as('SYSTEM_ADMIN')
  const figure = (name: string) => page.locator('dl > div').filter({ hasText: name }).getByRole('link')
  await page.goto(`/dead-letter?org=${organizationId}`)
  await expect(figure('Dead now')).toHaveText('13')
  await expect(figure('New causes')).toHaveText('3')

  await figure('New causes').click()
  await expect(page).toHaveURL(/new=true/)
  await expect(page.getByRole('table').locator('tbody tr')).toHaveCount(3)
  await figure('Oldest').click()
  await expect(page).toHaveURL(new RegExp(`/jobs/(${mendable.join('|')})`))
  await page.goto(`/dead-letter?org=${organizationId}`)
  await figure('Dead now').click()
  await expect(
    page.getByRole('table', { name: 'Jobs, newest first' }).locator('tbody tr a[data-row-link]'),
  ).toHaveCount(13)

  // The overview links to the jobs of one cause. The note above that list removes the filter again. The filter by job
  // type stays, so the 3 dead jobs of the other type are not in the list.
  await page.goto(`/?org=${organizationId}`)
  await causes(page).filter({ hasText: 'transient' }).getByRole('link', { name: '7 dead' }).click()
  const rows = page.getByRole('table', { name: 'Jobs, newest first' }).locator('tbody tr a[data-row-link]')
  await expect(rows).toHaveCount(7)
  await page.getByRole('button', { name: 'Show jobs of every cause' }).click()
  await expect(rows).toHaveCount(10)
})

test('a system admin opens a cause, tries one job, sees what holds it back and how it ended, and retries the others', async ({
  as,
}) => {
  const { organizationId, mendable, closeCircuit } = await incident()
  const page = await as('SYSTEM_ADMIN')
  // Other organizations may have the same fault. So a link that opens in another tab names the organization.
  await page.goto('/dead-letter?org=all')
  await expect(page.locator('a[data-row-link]').first()).toHaveAttribute('href', /[?&]at=[0-9a-f-]{36}(&|$)/)
  await page.goto(`/dead-letter?org=${organizationId}`)
  await page.getByRole('link', { name: /^Simulated transient failure/ }).click()
  await expect(page).toHaveURL(/cause=/)
  await expect(drawer(page)).toContainText('7 dead jobs')
  await expect(drawer(page).getByRole('list', { name: /in common/ })).toContainText('“Hooli” in 6 of 7')
  await expect(drawer(page).getByLabel('Stack')).toContainText('sample.work.ts')
  await expect(drawer(page).getByRole('region', { name: 'If all are retried' })).toContainText('circuit of sample.work')

  // Another person who opens the link sees the same.
  await page.reload()
  await drawer(page).getByRole('button', { name: 'Try one' }).click()
  await expect(drawer(page).getByRole('status')).toContainText(/The one that was tried waits\. .*circuit/i)
  await closeCircuit()
  await expect(drawer(page).getByRole('status')).toContainText('The one that was tried completed')
  await expect(drawer(page)).toContainText('Last retry')
  await expect(drawer(page)).toContainText('1 of 1 completed.')
  await expect(drawer(page).getByRole('region', { name: 'If all are retried' })).toContainText('All 6 come back.')

  await drawer(page).getByRole('button', { name: 'Retry the other 6' }).click()
  const dialog = page.getByRole('dialog', { name: 'Retry 6 jobs?' })
  await dialog.getByLabel('Reason').fill('The one that was tried completed')
  await dialog.getByRole('button', { name: 'Retry jobs' }).click()
  for (const id of mendable) await root.until(id, 'COMPLETED')
  await expect(page.getByText('Nothing is dead of this cause')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/cause=/)
  await expect(page.getByRole('link', { name: /^Simulated transient failure/ })).toHaveCount(0)
})

test('an ignored cause leaves the list with a reason, and can be shown again', async ({ as }) => {
  const { organizationId } = await incident()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/dead-letter?org=${organizationId}`)
  const row = page.getByRole('link', { name: /^Simulated transient failure/ })
  await row.click()
  await drawer(page).getByRole('button', { name: 'Ignore…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ignore this cause?' })
  await dialog.getByRole('radio', { name: 'Until it happens more often' }).check()
  await dialog.getByLabel('More than so many an hour').fill('often')
  await dialog.getByRole('button', { name: 'Ignore', exact: true }).click()
  await expect(dialog.getByLabel('More than so many an hour'), 'the first that is wrong').toBeFocused()
  await expect(dialog.getByText('Say why, for those who find it ignored.')).toBeVisible()
  await dialog.getByLabel('More than so many an hour').fill('50')
  await dialog.getByLabel('Reason').fill('The supplier knows')
  await dialog.getByRole('button', { name: 'Ignore', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(row).toHaveCount(0)

  await page.getByText('1 cause is ignored').click()
  const ignored = page.getByRole('list', { name: 'Ignored causes' })
  await expect(ignored).toContainText('while at most 50 happen an hour')
  await expect(ignored).toContainText('The supplier knows')
  await ignored.getByRole('button', { name: 'Show again' }).click()
  await expect(row).toBeVisible()
  await expect(ignored).toHaveCount(0)
})

test('an ignored cause that comes up in another job type is in the list for that one, and stays among the ignored ones for the first', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const other = `sample.${uniqueWord()}`
  const made = await root.mutate('jobTypes.create', {
    name: other,
    displayName: other,
    handler: 'sample.work',
    parameterSchema: { type: 'object' },
  })
  expect(made.error).toBeUndefined()
  const fail = async (jobType: string) => {
    const job = await root.submit(
      { jobType, maxRetries: 0, dedupe: false, parameters: { mode: 'permanent', data: uniqueWord() } },
      organizationId,
    )
    await root.until(job.id, 'DEAD_LETTER')
    return job
  }
  const { id } = await fail('sample.work')
  const errorFingerprint = (await root.get(id)).error!.fingerprint
  const ignored = await root.mutate('deadLetters.ignore', {
    organizationId,
    jobType: 'sample.work',
    errorFingerprint,
    perHour: 50,
    reason: 'The supplier knows',
  })
  expect(ignored.error).toBeUndefined()
  await fail(other)

  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/dead-letter?org=${organizationId}`)
  const row = page.getByRole('link', { name: /^Simulated permanent failure/ })
  await expect(row).toHaveCount(1)
  await page.getByText('1 cause is ignored').click()
  await expect(page.getByRole('list', { name: 'Ignored causes' })).toContainText('The supplier knows')
  await row.click()
  const details = page.getByRole('dialog', { name: /Simulated permanent failure/ })
  await expect(details).toContainText('Ignored for sample.work, and not for the others.')
  await expect(details.getByRole('button', { name: 'Ignore…' })).toBeVisible()
  await details.getByRole('button', { name: 'Show again' }).click()
  await expect(details.getByRole('button', { name: 'Show again' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(page.getByText('1 cause is ignored')).toHaveCount(0)
  await expect(row).toHaveCount(1)
})

test('a system admin deletes all dead letters of a cause, after reading that they could still be retried', async ({
  as,
}) => {
  const { organizationId } = await incident()
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/dead-letter?org=${organizationId}`)
  await page.getByRole('link', { name: /^Simulated transient failure/ }).click()
  await drawer(page).getByRole('button', { name: 'Delete all' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete 7 jobs?' })
  await expect(dialog).toContainText('could still be retried')
  await dialog.getByRole('button', { name: 'Delete jobs' }).click()
  await expect(page.getByText('Deleted 7 jobs', { exact: true })).toBeVisible()
  await expect
    .poll(async () => (await root.query<{ dead: number }>('deadLetters.figures', { organizationId })).data.dead)
    .toBe(6)
})

test('for ticked jobs, the dialog of the jobs page tells which a retry brings back and which it skips', async ({
  as,
}) => {
  const word = uniqueWord()
  const api = withKey('ADMIN')
  const dead = await api.submit({
    jobType: 'sample.work',
    parameters: { mode: 'permanent', data: word },
    maxRetries: 0,
  })
  const done = await api.submit({ jobType: 'sample.noop', parameters: { word } })
  await api.until(dead.id, 'DEAD_LETTER')
  await api.until(done.id, 'COMPLETED')
  const page = await as('ADMIN')
  await page.goto(`/jobs?q=${word}`)
  await expect(page.getByRole('table').locator('tbody tr a[data-row-link]')).toHaveCount(2)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await page.getByRole('region', { name: 'Selected jobs' }).getByRole('button', { name: 'Retry' }).click()
  const dialog = page.getByRole('dialog', { name: 'Retry 2 jobs?' })
  await expect(dialog).toContainText('1 of 2 comes back, 1 is skipped.')
  await expect(dialog.getByRole('list', { name: 'What to know before' })).toContainText(
    '1 job ended with an error that a retry alone does not mend.',
  )
  await expect(dialog.getByRole('list', { name: 'What to know before' })).toContainText(
    '1 job is skipped: it is under way, or completed.',
  )
})

test('viewers and operators read dead letters; operators also ignore and ask; only admins try one and see stacks @long', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } })
  const { error } = await api.until(dead.id, 'DEAD_LETTER')
  for (const role of ['VIEWER', 'OPERATOR', 'ADMIN'] as const) {
    const page = await as(role)
    await page.goto(`/dead-letter?org=${home}&cause=${error?.fingerprint}`)
    const open = page.getByRole('dialog', { name: 'Simulated permanent failure' })
    const admin = role === 'ADMIN'
    if (role === 'OPERATOR') await expect(open.getByRole('button', { name: 'Ask to try one' })).toBeEnabled()
    else await expect(open.getByRole('button', { name: 'Try one' })).toBeEnabled({ enabled: admin })
    const asks = role === 'OPERATOR'
    for (const button of asks ? [/^Ask to retry all/, 'Ask to delete all'] : [/^Retry all/, 'Delete all'])
      await expect(open.getByRole('button', { name: button })).toBeEnabled({ enabled: role !== 'VIEWER' })
    await expect(open.getByRole('button', { name: 'Ignore…' })).toBeEnabled({ enabled: role !== 'VIEWER' })
    if (admin) await expect(open.getByLabel('Stack')).toBeVisible()
    else await expect(open).toContainText('Admins of the organization see the stack.')
  }
})

for (const { name, look } of WIDTHS) {
  test(`dead letters, drawer and retry at ${name}: no accessibility fault, nothing jumps, nothing scrolls sideways`, async ({
    as,
  }) => {
    test.setTimeout(120_000)
    const { organizationId } = await incident()
    const faults: string[] = []
    const page = await as('SYSTEM_ADMIN', look)
    await noteJumps(page)
    const check = async (where: string, part = 'html') => {
      await expect(page.locator('.skeleton')).toHaveCount(0)
      expect(await jumps(page), `what jumps on ${where}`).toBeLessThan(MOST_JUMPS)
      expect(await tooWide(page), `how much wider than the screen ${where} is`).toBe(0)
      faults.push(...(await faultsOf(page, where, part)))
    }
    await page.goto(`/dead-letter?org=${organizationId}`)
    await expect(page.getByRole('link', { name: /^Simulated transient failure/ })).toBeVisible()
    await check('the list')
    await page.getByRole('link', { name: /^Simulated transient failure/ }).click()
    await expect(drawer(page).getByLabel('Stack')).toBeVisible()
    await check('the drawer', '[role=dialog]')
    await page.goto(`/?org=${organizationId}`)
    await causes(page)
      .first()
      .getByRole('button', { name: /^Retry/ })
      .click()
    await expect(page.locator('[data-holds]')).toBeVisible()
    await check('the retry', '[role=dialog]')
    expect(faults).toEqual([])
  })
}
