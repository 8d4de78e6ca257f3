import { Client as Database } from 'pg'
import { countingClicks, WIDTHS } from './clicks'
import { expect, test } from './test'
import { baseUrl, client, databaseUrl, uniqueWord } from './world'
import { dialogOf, keyAndCall, makeKey, rowOf, toastOf } from './organization-page'

// The API keys of an organization, and those of the platform.

/** A job that waits until the test is over. */
const inAnHour = (name: string) => ({
  jobType: 'sample.noop',
  parameters: { name },
  runAt: new Date(Date.now() + 3_600_000).toISOString(),
})

for (const { name: width, look } of WIDTHS) {
  test(`task 10 at ${width}: an admin gives a service a key, in four clicks from the overview`, async ({ as }) => {
    const name = `Shop ${uniqueWord()}`
    const page = await as('ADMIN', look)
    const task = await countingClicks(page, `Task 10 at ${width}`)
    await page.goto('/')
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByRole('menuitem', { name: 'New API key…' }).click()
    // The cursor is already in the name.
    await expect(dialogOf(page).getByLabel('Name')).toBeFocused()
    await page.keyboard.type(name)
    await dialogOf(page).getByRole('button', { name: 'Create key' }).click()

    const [key, call] = await keyAndCall(page)
    expect(key).toMatch(/^jy_/)
    expect(call).toBe(`curl ${baseUrl}/api/trpc/session.me -H 'Authorization: Bearer ${key}'`)
    await task.reach(4)

    const service = client({ authorization: `Bearer ${key}` })
    expect((await service.trySubmit({ jobType: 'sample.noop', parameters: { name } })).error).toBeUndefined()

    // The key is shown only once. Escape does not close the dialog, and afterwards the key is nowhere on the page.
    await page.keyboard.press('Escape')
    await expect(dialogOf(page)).toBeVisible()
    await dialogOf(page).getByRole('button', { name: 'Done' }).click()
    await expect(dialogOf(page)).toHaveCount(0)
    await expect(page).toHaveURL(/tab=keys/)
    await expect(rowOf(page, name)).toContainText('Operator')
    expect(await page.content()).not.toContain(key)
  })
}

test('an admin copies the new key and the call that tries it', async ({ as }) => {
  const page = await as('ADMIN', { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto('/organization?tab=keys')
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await dialogOf(page).getByLabel('Name').fill(`Copied ${uniqueWord()}`)
  await dialogOf(page).getByRole('radio', { name: 'Viewer' }).check()
  await dialogOf(page).getByLabel('Expires after').selectOption({ label: '30 days' })
  await dialogOf(page).getByRole('button', { name: 'Create key' }).click()
  const [key, call] = await keyAndCall(page)
  await dialogOf(page).getByRole('button', { name: 'Copy key' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  await dialogOf(page).getByRole('button', { name: 'Copy call to try it' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(call)
})

test('a key without a name is not made, and the form tells which field is wrong', async ({ as }) => {
  const page = await as('ADMIN')
  await page.goto('/organization?tab=keys')
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await dialogOf(page).getByRole('button', { name: 'Create key' }).click()
  await expect(dialogOf(page).getByRole('alert')).toContainText(/^The name /)
  await expect(dialogOf(page).getByLabel('Name')).toBeFocused()
})

test('before an admin revokes a key, the page asks what happens to the jobs that wait for it @long', async ({
  as,
  session,
}) => {
  const { api } = await session('ADMIN')
  for (const [choice, status] of [
    ['Cancel them', 'CANCELED'],
    ['Take them over', 'PENDING'],
  ] as const) {
    const name = `Leaving ${uniqueWord()}`
    const { key } = await makeKey(name, 'OPERATOR', api)
    const service = client({ authorization: `Bearer ${key}` })
    const job = await service.submit(inAnHour(name))
    const page = await as('ADMIN')
    await page.goto('/organization?tab=keys')
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await expect(dialogOf(page)).toContainText('1 job that it submitted waits.')
    const confirm = dialogOf(page).getByRole('button', { name: 'Revoke key' })
    await expect(confirm).toHaveAttribute('aria-disabled', 'true')
    await dialogOf(page).getByRole('radio', { name: choice }).check()
    await dialogOf(page).getByLabel('Reason').fill('The service was switched off')
    await confirm.click()
    await expect(toastOf(page, `${name} is revoked. 1 job that waited`)).toBeVisible()
    await expect(page.getByRole('button', { name: `Revoke ${name}` })).toHaveCount(0)
    expect((await service.query('session.me')).error?.data.reason).toBe('UNAUTHENTICATED')
    await expect.poll(async () => (await api.get(job.id)).status).toBe(status)
    if (status === 'PENDING') expect((await api.get(job.id)).submittedBy.type).toBe('user')
    await toastOf(page, name).getByRole('link', { name: 'Ended keys' }).click()
    await expect(rowOf(page, name)).toContainText('revoked')
    await api.mutate('jobs.cancel', { jobId: job.id })
  }
})

test('an admin revokes a key although its jobs cannot be counted, and the server asks about those that wait', async ({
  as,
  session,
}) => {
  const { api } = await session('ADMIN')
  const name = `Leaked ${uniqueWord()}`
  const { key } = await makeKey(name, 'OPERATOR', api)
  const service = client({ authorization: `Bearer ${key}` })
  const job = await service.submit(inAnHour(name))
  const page = await as('ADMIN')
  // Only the count fails, because the server has no procedure `jobs.nothing`.
  await page.route(/jobs\.count/, (route) =>
    route.continue({ url: route.request().url().replaceAll('jobs.count', 'jobs.nothing') }),
  )
  await page.goto('/organization?tab=keys')
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await expect(dialogOf(page)).toContainText('Its jobs could not be counted')
  const confirm = dialogOf(page).getByRole('button', { name: 'Revoke key' })
  await confirm.click()
  await expect(dialogOf(page)).toContainText('Jobs that it submitted wait.')
  await expect(confirm).toHaveAttribute('aria-disabled', 'true')
  await dialogOf(page).getByRole('radio', { name: 'Cancel them' }).check()
  await confirm.click()
  await expect(toastOf(page, `${name} is revoked. 1 job that waited is canceled.`)).toBeVisible()
  expect((await service.query('session.me')).error?.data.reason).toBe('UNAUTHENTICATED')
  expect((await api.get(job.id)).status).toBe('CANCELED')
})

test('what an admin chose for the waiting jobs of a key stays chosen when the revocation fails and is tried again', async ({
  as,
  session,
}) => {
  const { api } = await session('ADMIN')
  const name = `Busy ${uniqueWord()}`
  const { key } = await makeKey(name, 'OPERATOR', api)
  const page = await as('ADMIN')
  await page.goto('/organization?tab=keys')
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await expect(dialogOf(page)).toContainText('No job that it submitted waits.')
  // This job comes after the count, so only the server knows of it.
  const job = await client({ authorization: `Bearer ${key}` }).submit(inAnHour(name))
  const confirm = dialogOf(page).getByRole('button', { name: 'Revoke key' })
  await confirm.click()
  const takeOver = dialogOf(page).getByRole('radio', { name: 'Take them over' })
  await takeOver.check()
  let down = true
  await page.route(/apiKeys\.revoke/, (route) =>
    route.continue(down ? { url: route.request().url().replaceAll('apiKeys.revoke', 'apiKeys.nothing') } : {}),
  )
  await confirm.click()
  await expect(dialogOf(page).getByRole('alert')).toBeVisible()
  await expect(takeOver).toBeChecked()
  down = false
  await confirm.click()
  await expect(toastOf(page, `${name} is revoked. 1 job that waited is yours now.`)).toBeVisible()
  await api.mutate('jobs.cancel', { jobId: job.id })
})

test('a key that no service has used for 90 days is marked, and is listed in a view of its own', async ({
  as,
  session,
}) => {
  const { api } = await session('ADMIN')
  const [old, young] = [`Old ${uniqueWord()}`, `Young ${uniqueWord()}`]
  const { apiKey } = await makeKey(old, 'OPERATOR', api)
  await makeKey(young, 'OPERATOR', api)
  const database = new Database({ connectionString: databaseUrl })
  await database.connect()
  // A little more than 94 days, so that 94 whole ones have passed.
  await database.query("UPDATE api_keys SET last_used_at = now() - interval '94 days 1 hour' WHERE id = $1", [
    apiKey.id,
  ])
  await database.end()

  const page = await as('ADMIN')
  await page.goto('/organization?tab=keys')
  await expect(rowOf(page, old)).toContainText('unused for 94 d')
  await expect(rowOf(page, young)).not.toContainText('unused')
  await page.getByRole('radio', { name: /^Unused for 90 d/ }).check()
  await expect(page).toHaveURL(/keys=unused/)
  await expect(rowOf(page, old)).toBeVisible()
  await expect(rowOf(page, young)).toHaveCount(0)
})

test('a system admin who looks at all organizations makes and revokes a key of the platform', async ({ as }) => {
  const name = `Platform ${uniqueWord()}`
  const page = await as('SYSTEM_ADMIN')
  await page.goto('/organization?org=all')
  await expect(page.getByRole('heading', { level: 1, name: 'API keys of the platform' })).toBeVisible()
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await dialogOf(page).getByLabel('Name').fill(name)
  await dialogOf(page).getByRole('button', { name: 'Create key' }).click()
  const key = await dialogOf(page).locator('code').first().textContent()
  const { data } = await client({ authorization: `Bearer ${key}` }).query<{ systemAdmin: boolean }>('session.me')
  expect(data.systemAdmin).toBe(true)
  await dialogOf(page).getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await dialogOf(page).getByRole('button', { name: 'Revoke key' }).click()
  await expect(toastOf(page, `${name} is revoked`)).toBeVisible()
})
