import { countOf, reports } from './customer-reports'
import { freshOrganization, incident } from './incident'
import { byKeyboard } from './keyboard'
import { expect, jobPage, test } from './test'
import { home, uniqueWord, withKey } from './world'

// Tasks of people, by their numbers (clicks.ts), done without a pointer. What they may cost is counted in keys; typing
// a text counts one. The last test is about the button of task 3.

const root = withKey('SYSTEM_ADMIN', null)
const api = withKey('ADMIN')

test('task 3 by keyboard: an admin cancels all reports of one customer, and goes on where the button was', async ({
  as,
}) => {
  const customer = uniqueWord()
  await reports(12, customer)
  const page = await as('ADMIN')
  const keys = byKeyboard(page, 'Task 3 by keyboard')
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await keys.press('ControlOrMeta+k')
  // At once, while the code of the palette may still be on its way.
  await keys.type('jobs')
  await expect(page.getByRole('option', { name: 'Jobs', exact: true })).toHaveAttribute('aria-selected', 'true')
  await keys.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await keys.press('/')
  await keys.expectAt(page.getByRole('combobox', { name: 'Search jobs' }), 'the key / leads to the search')
  await keys.type(customer)
  const all = page.getByRole('button', { name: 'Cancel all 12…' })
  await expect(all).toBeVisible()
  await keys.press('ControlOrMeta+k')
  await keys.type('cancel all')
  await expect(page.getByRole('option', { name: 'Cancel all 12 jobs that match…' })).toHaveAttribute(
    'aria-selected',
    'true',
  )
  await keys.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Cancel all that match?' })
  await expect(dialog).toContainText('12 jobs match, and all can be canceled.')
  await keys.expectAt(dialog.getByLabel('Reason'), 'the dialog begins at its first field')

  // Changed their mind: the dialog closes, and they are where they were.
  await keys.press('Escape')
  await expect(dialog).toHaveCount(0)
  await keys.expectAt(page.getByRole('combobox', { name: 'Search jobs' }), 'back where the palette was opened')
  await keys.go(all, 14)
  await keys.press('Enter')
  await keys.expectAt(dialog.getByLabel('Reason'), 'the dialog begins at its first field')
  await keys.press('Escape')
  await expect(dialog).toHaveCount(0)
  await keys.expectAt(all, 'back on the button that opened the dialog')
  await keys.press('Enter')
  await keys.expectAt(dialog.getByLabel('Reason'), 'the dialog begins at its first field')
  await keys.type('Their contract has ended')
  await keys.press('ControlOrMeta+Enter')
  await expect(page.getByText('Canceled 12 jobs', { exact: true })).toBeVisible()
  await expect(dialog).toHaveCount(0)
  // Nothing is left to cancel, and the button is gone.
  await expect(all).toBeHidden()
  await keys.expectAt(page.getByRole('button', { name: 'Clear' }), 'the control beside the button that is gone')
  expect(await countOf(customer, 'CANCELED')).toBe(12)
  await keys.press('Alt+t')
  await keys.go(page.getByRole('link', { name: 'Receipt' }), 3)
  await keys.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Canceled 12 jobs' })).toBeVisible()
  keys.reach(40)
})

test('task 4 by keyboard: a system admin retries all jobs of a cause, and goes on in its row', async ({ as }) => {
  const { organizationId, mendable, closeCircuit } = await incident()
  await closeCircuit()
  const page = await as('SYSTEM_ADMIN')
  const keys = byKeyboard(page, 'Task 4 by keyboard')
  await page.goto(`/?org=${organizationId}`)
  const cause = page
    .getByRole('list', { name: 'Causes of failures, most urgent first' })
    .getByRole('listitem')
    .filter({ hasText: 'transient' })
  const retry = cause.getByRole('button', { name: /^Retry/ })
  await expect(retry).toBeVisible()
  await keys.go(cause.getByRole('link', { name: /^Simulated transient/ }), 3, 'j')
  await keys.go(retry, 4)
  await keys.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Retry 7 jobs?' })
  await keys.expectAt(dialog.getByLabel('Reason'), 'the dialog begins at its first field')
  await keys.press('Escape')
  await expect(dialog).toHaveCount(0)
  await keys.expectAt(retry, 'back on the button that opened the dialog')
  await keys.press('Enter')
  await expect(dialog).toContainText('All 7 come back.')
  await keys.go(dialog.getByRole('button', { name: 'Retry jobs' }), 4)
  await keys.press('Enter')
  await expect(page.getByText(/^Retried 7 jobs/)).toBeVisible()
  for (const id of mendable) await root.until(id, 'COMPLETED')
  await expect(retry).toHaveCount(0)
  await expect(cause).toContainText('all ended')
  await keys.expectAt(cause.getByRole('link', { name: /^Simulated transient/ }), 'the row of the cause')
  keys.reach(18)
})

test('task 7 by keyboard: an operator runs a job again with one value changed', async ({ as }) => {
  const operator = withKey('OPERATOR')
  const word = uniqueWord()
  const name = `e2e.${word}`
  await root.change('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: { amount: { type: 'integer', title: 'Amount' }, word: { type: 'string' } },
    },
  })
  const first = await operator.submit({ jobType: name, parameters: { amount: 41, word } })
  await operator.until(first.id, 'COMPLETED')
  const page = await as('OPERATOR')
  const keys = byKeyboard(page, 'Task 7 by keyboard')
  await page.goto(`/jobs?q=${word}`)
  await expect(page.getByRole('main').locator('[data-row-link]')).toHaveCount(1)
  await keys.press('j')
  await keys.expectAt(page.locator('[data-row-link]').first(), 'j leads to the first row')
  await keys.press('r')
  const form = page.getByRole('region', { name: 'Run again' })
  await keys.expectAt(form.getByLabel('Amount'), 'the form begins at its first field')
  await keys.press('ControlOrMeta+a')
  await keys.type('42')
  await expect(form.getByRole('list', { name: 'What is changed' })).toHaveText(/^amount\s*41\s*→\s*42$/)
  await keys.press('Enter')
  await expect(page.getByRole('heading', { name: 'Lineage' })).toBeVisible()
  const id = jobPage(page).idInUrl()
  expect(id).not.toBe(first.id)
  expect((await operator.get(id)).parameters).toEqual({ amount: 42, word })
  await keys.expectAt(page.getByRole('heading', { level: 1 }), 'the new job begins at its heading')
  keys.reach(8)
})

test('task 10 by keyboard: an admin gives a service a key, and goes on at the button that makes another', async ({
  as,
}) => {
  const name = `Shop ${uniqueWord()}`
  const page = await as('ADMIN')
  const keys = byKeyboard(page, 'Task 10 by keyboard')
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await keys.press('ControlOrMeta+k')
  await keys.type('new api key')
  const newKey = page.getByRole('option', { name: 'New API key…' })
  await expect(newKey).toBeVisible()
  if ((await newKey.getAttribute('aria-selected')) === 'false') await keys.press('ArrowDown')
  await expect(newKey).toHaveAttribute('aria-selected', 'true')
  await keys.press('Enter')
  const dialog = page.getByRole('dialog')
  await keys.expectAt(dialog.getByLabel('Name'), 'the dialog begins at the name')
  await keys.type(name)
  await keys.press('Enter')
  await keys.go(dialog.getByRole('button', { name: 'Copy key' }), 2)
  await keys.go(dialog.getByRole('button', { name: 'Done' }), 4)
  await keys.press('Enter')
  await expect(dialog).toHaveCount(0)
  await keys.expectAt(page.getByRole('button', { name: 'New API key' }).first(), 'the button that makes another key')
  await expect(page.getByRole('main').locator('tr').filter({ hasText: name })).toContainText('Operator')
  keys.reach(14)
})

test('task 11 by keyboard: a system admin changes the limit that the queue waits for, and goes on at the same button', async ({
  as,
}) => {
  const name = `e2e.${uniqueWord()}`
  const type = { name, displayName: name, handler: 'sample.work', parameterSchema: { type: 'object' } }
  await root.change('jobTypes.create', { ...type, concurrency: { global: 2 } })
  const organizationId = await freshOrganization()
  const jobs = Array.from({ length: 5 }, (_, n) => ({ jobType: name, parameters: { durationMs: 120_000, n } }))
  await root.change('jobs.submitMany', { organizationId, jobs })
  const page = await as('SYSTEM_ADMIN')
  const keys = byKeyboard(page, 'Task 11 by keyboard')
  await page.goto(`/?org=${organizationId}`)
  const limit = page.getByRole('button', { name: `Change the limit of ${name}` })
  await expect(limit).toBeVisible()
  await keys.go(page.getByRole('link', { name: 'Skip to content' }), 1)
  await keys.press('Enter')
  await keys.go(limit, 20)
  await keys.press('Enter')
  const dialog = page.getByRole('dialog', { name: /^Limit of / })
  await keys.expectAt(dialog.getByLabel('At once, over all organizations'), 'the dialog begins at the limit')
  await keys.type('3')
  await keys.press('Enter')
  await expect(dialog).toHaveCount(0)
  await keys.expectAt(limit, 'back on the button that opened the dialog')
  keys.reach(26)
  const { data } = await root.query<{ concurrency: { global: number } }>('jobTypes.get', { name })
  expect(data.concurrency.global).toBe(3)
  await root.mutate('jobs.cancelMany', { organizationId, filter: { jobType: [name] } })
})

test('what can be done with all jobs that match is offered for what the search field says, and never for what it said before @long', async ({
  as,
}) => {
  const customer = uniqueWord()
  await reports(3, customer)
  await reports(2, `${customer}x`)
  const page = await as('ADMIN')
  await page.goto('/jobs')
  await page.getByRole('combobox', { name: 'Search jobs' }).click()
  await page.keyboard.type(customer)
  const all = page.getByRole('button', { name: /^Cancel all/ })
  await expect(all).toHaveText(/5/)
  // The list still answers what was typed before. A press on the button would leave the field, which asks anew.
  await page.keyboard.type('x')
  expect(await all.isVisible(), 'right after the letter').toBe(false)
  await all.click()
  const dialog = page.getByRole('dialog', { name: 'Cancel all that match?' })
  await expect(dialog).toContainText('2 jobs match, and all can be canceled.')
  await dialog.getByRole('button', { name: 'Cancel jobs' }).click()
  await expect(page.getByText('Canceled 2 jobs', { exact: true })).toBeVisible()
  expect(await countOf(customer, 'PENDING')).toBe(3)
  await api.mutate('jobs.cancelMany', { organizationId: home, filter: { search: customer } })
})
