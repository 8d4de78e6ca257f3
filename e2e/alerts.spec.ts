import { expect, test, type Page } from './test'
import { faultsOf } from './axe'
import { settled } from './screens'
import { home, uniqueWord } from './world'

const main = (page: Page) => page.getByRole('main')

for (const [width, viewport] of [
  ['1440', { width: 1440, height: 900 }],
  ['390', { width: 390, height: 844 }],
] as const) {
  test(`at ${width}: an admin makes an alert rule, sends a test, sees why it did not arrive, changes and deletes the rule @long`, async ({
    as,
  }) => {
    const name = `Reports ${uniqueWord()}`
    const page = await as('ADMIN', { viewport })
    await page.goto('/alerts')
    await settled(page)
    await main(page).getByRole('link', { name: 'New rule' }).first().click()
    const form = page.getByRole('form', { name: 'Alert rule' })
    await form.getByRole('button', { name: 'Make the rule' }).click()
    await expect(form).toContainText('2 fields need attention')
    await form.getByLabel('Name').fill(name)
    await form.getByRole('radio', { name: 'A job type fails too often' }).check()
    await form.getByLabel('Failed attempts, over %').fill('100')
    await form.getByRole('group', { name: 'Target 1' }).getByLabel('Sent by').selectOption('webhook')
    // Nothing in the network of the tests may be called, so it is refused for good.
    await form.getByLabel('Address', { exact: false }).fill('http://127.0.0.1:9/secret-path')
    await form.getByRole('button', { name: 'Make the rule' }).click()
    await expect(form).toContainText('Must be a number from 0 to 99')
    await form.getByLabel('Failed attempts, over %').fill('25')
    await form.getByRole('button', { name: 'Make the rule' }).click()

    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expect(main(page)).toContainText('Over 25 % of the attempts of a type failed within 60 min')
    await expect(main(page)).not.toContainText('secret-path')
    await main(page).getByRole('button', { name: 'Send a test' }).click()
    const messages = main(page).getByRole('list', { name: 'Messages, newest first' })
    await expect(messages).toContainText('HTTP_REQUEST_ALLOW', { timeout: 20_000 })
    await expect(messages).toContainText('Failed')
    expect(await faultsOf(page, 'the page of an alert rule')).toEqual([])

    await main(page).getByRole('link', { name: 'Change' }).click()
    await form.getByRole('switch', { name: 'Quiet hours' }).click()
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(main(page)).toContainText('22:00 to 07:00')
    await main(page)
      .getByRole('button', { name: `Delete ${name}` })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete rule' }).click()
    await expect(page).toHaveURL(/\/alerts(?:\?|$)/)
    await expect(main(page)).not.toContainText(name)
  })
}

test('the form of a rule begins with what the rule is now, also where it was open before somebody else changed it', async ({
  as,
  session,
}) => {
  const { api } = await session('ADMIN')
  const name = `Reports ${uniqueWord()}`
  const failing = (percent: number) => ({ kind: 'FAILURE_RATE', percent, minutes: 60, atLeast: 10 })
  const made = await api.mutate<{ id: string }>('alerts.create', {
    organizationId: home,
    name,
    condition: failing(97),
    targets: [{ type: 'webhook', url: 'http://127.0.0.1:9/' }],
  })
  expect(made.error).toBeUndefined()
  const ruleId = made.data.id
  const page = await as('ADMIN')
  await page.goto('/alerts')
  const change = page.getByRole('link', { name: `Change ${name}` })
  await change.click()
  const percent = page.getByRole('form', { name: 'Alert rule' }).getByLabel('Failed attempts, over %')
  await expect(percent).toHaveValue('97')
  await page.goBack()
  await expect(change).toBeVisible()
  const changed = await api.mutate('alerts.update', { ruleId, changes: { condition: failing(98) } })
  expect(changed.error).toBeUndefined()
  await change.click()
  await expect(percent).toHaveValue('98')
  await api.mutate('alerts.delete', { ruleId })
})

test('the form of a rule for a pool that no job type has shows that pool, and keeps it', async ({ as, session }) => {
  const { api } = await session('ADMIN')
  const pool = `gone-${uniqueWord()}`
  const { id: ruleId } = await api.change<{ id: string }>('alerts.create', {
    organizationId: home,
    name: `Pools ${pool}`,
    condition: { kind: 'NO_WORKER', pool },
    targets: [{ type: 'webhook', url: 'http://127.0.0.1:9/' }],
  })
  const page = await as('ADMIN')
  await page.goto(`/alerts/${ruleId}/edit`)
  const form = page.getByRole('form', { name: 'Alert rule' })
  const choice = form.getByLabel('Worker pool', { exact: true })
  await expect(choice).toHaveValue(pool)
  await expect(choice.locator('option:checked')).toHaveText(`${pool}, no job type here has it`)
  // Somebody who has tried another choice finds the way back.
  await choice.selectOption('')
  await choice.selectOption(pool)
  const name = `Still so ${uniqueWord()}`
  await form.getByLabel('Name').fill(name)
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  expect((await api.query('alerts.get', { ruleId })).data).toMatchObject({
    name,
    condition: { kind: 'NO_WORKER', pool },
  })
  await api.mutate('alerts.delete', { ruleId })
})
