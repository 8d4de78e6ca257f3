import { faultsOf } from './axe'
import { jumps, MOST_JUMPS, noteJumps, tooWide } from './layout'
import type { Locator } from '@playwright/test'
import { Client as Database } from 'pg'
import { byNavigation, expect, test, type Page } from './test'
import { baseUrl, client, databaseUrl, foreign, home, uniqueWord, withKey } from './world'

// The page of the organization: members, API keys, limits, name and state.

const PASSWORD = 'seven ducks on a pond'
const WIDE = { viewport: { width: 1440, height: 900 } }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

/** Waits until everything that the page fetches is drawn. */
const settled = (page: Page) => expect(page.locator('.skeleton')).toHaveCount(0)

const dialogOf = (page: Page) => page.getByRole('dialog')
/** The row of the table, or the card on a phone, that contains this text. */
const rowOf = (page: Page, text: string) => page.getByRole('main').locator('tr, li').filter({ hasText: text })
const toastOf = (page: Page, text: string | RegExp) => page.locator('[data-sonner-toast]').filter({ hasText: text })

/** Makes a key of the organization. */
async function makeKey(name: string, role: 'OPERATOR' | 'ADMIN', by: ReturnType<typeof client>) {
  const { data, error } = await by.mutate<{ key: string; apiKey: { id: string } }>('apiKeys.create', {
    organizationId: home,
    name,
    role,
  })
  expect(error).toBeUndefined()
  return data
}

/** The key and the call that the dialog shows only once. */
async function keyAndCall(page: Page): Promise<[string, string]> {
  const texts = dialogOf(page).locator('code')
  await expect(texts).toHaveCount(2)
  return (await texts.allTextContents()) as [string, string]
}

for (const [width, look] of [
  [1440, WIDE],
  [390, PHONE],
] as const) {
  test(`an admin gives a service a key, in ${width === 390 ? 'five' : 'four'} clicks from the overview, ${width} wide`, async ({
    as,
  }) => {
    const name = `Shop ${uniqueWord()}`
    const page = await as('ADMIN', look)
    await page.goto('/')
    let clicks = 0
    const click = async (target: Locator) => {
      clicks++
      await target.click()
    }
    clicks += await byNavigation(page, 'Organization')
    await click(page.getByRole('button', { name: 'New API key' }).first())
    // The cursor is already in the name. Typing counts as one click.
    await expect(dialogOf(page).getByLabel('Name')).toBeFocused()
    clicks++
    await page.keyboard.type(name)
    await click(dialogOf(page).getByRole('button', { name: 'Create key' }))

    const [key, call] = await keyAndCall(page)
    expect(key).toMatch(/^jy_/)
    expect(call).toBe(`curl ${baseUrl}/api/trpc/session.me -H 'Authorization: Bearer ${key}'`)
    console.log(`10. give a service a key, ${width} wide: ${clicks} clicks`)
    expect(clicks).toBe(width === 390 ? 5 : 4)

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

test('before an admin revokes a key, the page asks what happens to the jobs that wait for it', async ({
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
    const job = await service.submit({
      jobType: 'sample.noop',
      parameters: { name },
      runAt: new Date(Date.now() + 3_600_000).toISOString(),
    })
    const page = await as('ADMIN')
    await page.goto('/organization?tab=keys')
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await expect(dialogOf(page)).toContainText('1 job of it waits.')
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
  await database.query("UPDATE api_keys SET last_used_at = now() - interval '94 days 1 hour' WHERE id = $1", [
    apiKey.id,
  ])
  await database.end()

  const page = await as('ADMIN')
  await page.goto('/organization?tab=keys')
  await expect(rowOf(page, old)).toContainText('unused for 94 d')
  await expect(rowOf(page, young)).not.toContainText('unused')
  await page.getByRole('radio', { name: /^Unused for 90 d/ }).check({ force: true })
  await expect(page).toHaveURL(/keys=unused/)
  await expect(rowOf(page, old)).toBeVisible()
  await expect(rowOf(page, young)).toHaveCount(0)
})

/** Invites a person on the page, and returns the link that the page shows. */
async function inviteBy(page: Page, email: string, role: 'Viewer' | 'Operator' | 'Admin'): Promise<string> {
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await dialogOf(page).getByLabel('Email').fill(email)
  await dialogOf(page).getByRole('radio', { name: role }).check()
  await dialogOf(page).getByRole('button', { name: 'Make the link' }).click()
  const link = await dialogOf(page).locator('code').textContent()
  await dialogOf(page).getByRole('button', { name: 'Done' }).click()
  await expect(rowOf(page, email)).toContainText('ends in')
  return link!
}

async function accept(page: Page, link: string, name: string) {
  await page.goto(link)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
}

async function act(page: Page, who: string, what: string) {
  await page.getByRole('button', { name: `Actions for ${who}` }).click()
  await page.getByRole('menuitem', { name: what }).click()
}

test('an admin invites a person, changes their role, and decides about their keys when they leave', async ({
  as,
  page,
}) => {
  const word = uniqueWord()
  const [email, name] = [`${word}@example.com`, `Nia ${word}`]
  const admin = await as('ADMIN')
  await admin.goto('/organization')
  await accept(page, await inviteBy(admin, email, 'Admin'), name)
  // The list updates without a reload.
  await expect(rowOf(admin, name)).toContainText('Admin', { timeout: 30_000 })
  await expect(admin.getByText('No open invitation').or(admin.getByRole('row').first()).first()).toBeVisible()

  // The new admin makes two keys.
  const cookies = (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join('; ')
  const newcomer = client({ cookie: cookies, origin: baseUrl })
  const powerful = await makeKey(`Back door ${word}`, 'ADMIN', newcomer)
  const humble = await makeKey(`Side door ${word}`, 'OPERATOR', newcomer)
  const reach = async ({ key }: { key: string }) =>
    (await client({ authorization: `Bearer ${key}` }).query('session.me')).error?.data.reason ?? 'gets in'

  // A lower role asks only about the key with a higher role. The key is kept and goes on working.
  await act(admin, name, 'Change role…')
  await dialogOf(admin).getByRole('radio', { name: 'Operator' }).check()
  const change = dialogOf(admin).getByRole('button', { name: 'Change role' })
  await change.click()
  await expect(dialogOf(admin).getByRole('list', { name: 'Live API keys' })).toContainText(`Back door ${word}`)
  await expect(dialogOf(admin).getByRole('list', { name: 'Live API keys' })).not.toContainText(`Side door ${word}`)
  await expect(change).toHaveAttribute('aria-disabled', 'true')
  await dialogOf(admin).getByRole('radio', { name: 'Keep' }).check()
  await change.click()
  await expect(toastOf(admin, `${name} is Operator now`)).toBeVisible()
  await expect(rowOf(admin, name)).toContainText('Operator')
  expect(await reach(powerful)).toBe('gets in')

  // The member is removed and both keys are revoked. Nothing works any more.
  await act(admin, name, 'Remove…')
  await dialogOf(admin).getByRole('button', { name: 'Remove member' }).click()
  await expect(dialogOf(admin).getByRole('list', { name: 'Live API keys' }).getByRole('listitem')).toHaveCount(2)
  await dialogOf(admin).getByRole('radio', { name: 'Revoke' }).check()
  await dialogOf(admin).getByRole('button', { name: 'Remove member' }).click()
  await expect(toastOf(admin, `${name} is no longer a member`)).toBeVisible()
  await expect(rowOf(admin, name)).toHaveCount(0)
  expect([await reach(powerful), await reach(humble)]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
  expect((await newcomer.query('jobs.list', { organizationId: home })).error?.data.reason).toBe('NOT_FOUND')
})

test('an admin makes a new link for an invitation, which ends the old one, and withdraws it', async ({ as, page }) => {
  const email = `${uniqueWord()}@example.com`
  const admin = await as('ADMIN')
  await admin.goto('/organization')
  const first = await inviteBy(admin, email, 'Viewer')
  await act(admin, email, 'Make a new link…')
  await dialogOf(admin).getByRole('button', { name: 'Make a new link' }).click()
  const second = await dialogOf(admin).locator('code').textContent()
  await dialogOf(admin).getByRole('button', { name: 'Done' }).click()
  expect(second).not.toBe(first)
  const ended = page.getByRole('heading', { level: 1, name: 'This link is no longer good' })
  await page.goto(first)
  await expect(ended).toBeVisible()
  await page.goto(second!)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Join /)

  await act(admin, email, 'Withdraw invitation…')
  await dialogOf(admin).getByRole('button', { name: 'Withdraw' }).click()
  await expect(toastOf(admin, `The invitation of ${email} is withdrawn`)).toBeVisible()
  await expect(rowOf(admin, email)).toHaveCount(0)
  await page.goto(second!)
  await expect(ended).toBeVisible()
})

test('the form of an invitation tells what is wrong with the address', async ({ as, session }) => {
  const { data } = await (await session('ADMIN')).api.query<{ user: { email: string } }>('session.me')
  const page = await as('ADMIN')
  await page.goto('/organization')
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const alert = dialogOf(page).getByRole('alert')
  for (const [given, problem] of [
    ['nobody', 'The address must be an e-mail address.'],
    [data.user.email, 'The address is a member already.'],
  ] as const) {
    await dialogOf(page).getByLabel('Email').fill(given)
    await dialogOf(page).getByRole('button', { name: 'Make the link' }).click()
    await expect(alert).toHaveText(problem)
    await expect(dialogOf(page).getByLabel('Email')).toBeFocused()
  }
})

test('the last admin of an organization cannot be removed or get a lower role, and is told what to do first', async ({
  as,
}) => {
  const page = await as('ADMIN', { organizationId: foreign })
  await page.goto('/organization')
  await page.getByRole('row').filter({ hasText: 'you' }).getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await dialogOf(page).getByRole('button', { name: 'Leave' }).click()
  await expect(dialogOf(page).getByRole('alert')).toContainText('Make another member ADMIN first.')
})

for (const role of ['VIEWER', 'OPERATOR'] as const) {
  test(`a member with role ${role} sees who belongs to the organization, and whom to ask for the rest`, async ({
    as,
  }) => {
    const page = await as(role)
    await page.goto('/organization')
    await settled(page)
    await expect(page.getByRole('table', { name: 'Members, oldest first' })).toContainText('Admin')
    await expect(page.getByRole('main')).not.toContainText('@')
    await expect(page.getByText('Open invitations')).toHaveCount(0)
    for (const name of ['Invite', 'New API key', /^Actions/])
      await expect(page.getByRole('main').getByRole('button', { name })).toHaveCount(0)
    const admin = await page.getByRole('row').filter({ hasText: 'Admin' }).first().getByRole('cell').first().innerText()
    for (const tab of ['API keys', 'Limits', 'Settings']) {
      await page.getByRole('tab', { name: tab }).click()
      await expect(page.getByText(/^Only admins see/)).toBeVisible()
      await expect(page.getByText(/^Ask /)).toContainText(admin)
    }
  })
}

test('a system admin changes a limit; an admin sees how much of it is used, and who changes it', async ({
  as,
  session,
}) => {
  const { api } = await session('SYSTEM_ADMIN', null)
  await api.mutate('organizations.update', { organizationId: foreign, changes: { maxUnfinished: 100_000 } })
  const submitted = await withKey('OPERATOR', foreign).submit(
    { jobType: 'sample.noop', runAt: new Date(Date.now() + 3_600_000).toISOString() },
    foreign,
  )
  const root = await as('SYSTEM_ADMIN')
  await root.goto(`/organization?org=${foreign}&tab=limits`)
  await root.getByRole('button', { name: 'Change the limit of unfinished jobs' }).click()
  await dialogOf(root).getByLabel('Limit').fill('1')
  await expect(dialogOf(root)).toContainText('New submissions are refused until some have ended')
  await dialogOf(root).getByLabel('Reason').fill('A test of the limit')
  await dialogOf(root).getByRole('button', { name: 'Change limit' }).click()
  await expect(toastOf(root, 'Unfinished jobs: a limit of 1')).toBeVisible()

  const admin = await as('ADMIN', { organizationId: foreign })
  await admin.goto('/organization?tab=limits')
  const card = admin.getByRole('region', { name: 'Unfinished jobs' })
  await expect(card).toContainText('of 1')
  await expect(card.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100')
  await expect(card).toContainText(/Full|Above the limit/)
  // An admin may only ask for another limit.
  await expect(card.getByRole('button')).toHaveAccessibleName(/^Ask for another limit/)
  await expect(admin.getByText('changed by the admins of the platform')).toBeVisible()

  // The figure links to the jobs that it counts, and updates without a reload.
  const list = card.getByRole('link', { name: 'list them' })
  const figure = Number((await list.innerText()).split(/\s/)[0]!.replaceAll(',', ''))
  await withKey('ADMIN', foreign).mutate('jobs.cancel', { jobId: submitted.id })
  await expect(list).toContainText(String(figure - 1))
  await list.click()
  await expect(admin.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await expect(admin.locator('main header')).toContainText(String(figure - 1))
  await api.mutate('organizations.update', { organizationId: foreign, changes: { maxUnfinished: 100_000 } })
})

test('an admin renames the organization, and everybody sees the new name', async ({ as }) => {
  const page = await as('ADMIN', { organizationId: foreign })
  await page.goto('/organization?tab=settings')
  const name = page.getByRole('textbox', { name: 'Name' })
  const before = await name.inputValue()
  const save = page.getByRole('button', { name: 'Save', exact: true })
  await expect(save).toHaveAttribute('aria-disabled', 'true')
  await name.fill(`${before} Ltd`)
  await save.click()
  await expect(page.getByRole('main').locator('header')).toContainText(`${before} Ltd`)
  await expect(page).toHaveTitle(`Settings of ${before} Ltd · Jobyard`)
  await name.fill(before)
  await save.click()
  await expect(page).toHaveTitle(`Settings of ${before} · Jobyard`)
})

test('an admin sets the time zone of reports, and a report begins its days in it', async ({ as }) => {
  const page = await as('ADMIN', { organizationId: foreign })
  await page.goto('/organization?tab=settings')
  // An input with a list of suggestions is a combobox.
  const zone = page.getByRole('combobox', { name: 'Time zone', exact: true })
  await expect(zone).toHaveValue('UTC')
  const save = page.getByRole('button', { name: 'Save time zone' })
  await zone.fill('Berlin')
  await save.click()
  await expect(page.getByText('The time zone must be the name of a time zone')).toBeVisible()
  await expect(zone).toBeFocused()
  await zone.fill('Asia/Kolkata')
  await save.click()
  await expect(page.getByText('Saved. The next report uses it.')).toBeVisible()
  await page.reload()
  await expect(zone).toHaveValue('Asia/Kolkata')

  const api = withKey('OPERATOR', foreign)
  const job = await api.submit(
    { jobType: 'report.operations', parameters: { from: '2026-11-01' }, dedupe: false },
    foreign,
  )
  const { result } = await api.until(job.id, 'COMPLETED')
  expect(result).toMatchObject({ from: '2026-10-31T18:30:00.000Z' })
  await zone.fill('UTC')
  await save.click()
  await expect(save).toHaveAttribute('aria-disabled', 'true')
})

test('an admin pauses the organization with a reason and resumes it; a system admin suspends it', async ({ as }) => {
  const page = await as('ADMIN', { organizationId: foreign })
  await page.goto('/organization?tab=settings')
  const state = page.getByRole('region', { name: 'State' })
  await expect(state).toContainText('Active')
  await state.getByRole('button', { name: 'Pause…' }).click()
  await dialogOf(page).getByLabel('Reason').fill('Moving house')
  await dialogOf(page).getByRole('button', { name: 'Pause' }).click()
  await expect(state).toContainText('Moving house')
  await state.getByRole('button', { name: 'Resume' }).click()
  await expect(state).toContainText('Active')

  const root = await as('SYSTEM_ADMIN')
  await root.goto(`/organization?org=${foreign}&tab=settings`)
  await root.getByRole('button', { name: 'Suspend…' }).click()
  await dialogOf(root).getByLabel('Reason').fill('Not paid')
  await dialogOf(root).getByRole('button', { name: 'Suspend' }).click()
  await expect(root.getByRole('region', { name: 'State' })).toContainText('Not paid')
  await expect(state).toContainText('Suspended by the platform', { timeout: 30_000 })
  await root.getByRole('button', { name: 'End the suspension…' }).click()
  await dialogOf(root).getByRole('button', { name: 'End the suspension' }).click()
  await expect(root.getByRole('region', { name: 'State' })).toContainText('Active')
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

test('the tab of the organization’s page is in the URL, can be reached by arrow keys, and names the browser’s tab', async ({
  as,
}) => {
  const page = await as('ADMIN')
  await page.goto('/organization')
  await settled(page)
  await expect(page).toHaveTitle(/^Members of /)
  await page.getByRole('tab', { name: 'Members' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: 'API keys' })).toBeFocused()
  await expect(page).toHaveURL(/tab=keys/)
  await expect(page).toHaveTitle(/^API keys of /)
  await page.goBack()
  await expect(page.getByRole('tab', { name: 'Members' })).toHaveAttribute('aria-selected', 'true')
})

const TABS = ['', '?tab=keys', '?tab=limits', '?tab=settings']

for (const [width, look] of [
  [1440, WIDE],
  [390, PHONE],
] as const)
  test(`the organization’s page is accessible and does not jump, ${width} wide`, async ({ as }) => {
    test.setTimeout(120_000)
    const page = await as('ADMIN', look)
    const faults: string[] = []
    const check = async (where: string, part = 'html') => {
      faults.push(...(await faultsOf(page, where, part)))
      const wide = await tooWide(page)
      if (wide > 0) faults.push(`${where}: ${wide} px too wide`)
    }
    await noteJumps(page)
    for (const tab of TABS) {
      await page.goto(`/organization${tab}`)
      await expect(page.getByRole('tab', { selected: true })).toBeVisible()
      await settled(page)
      const jumped = await jumps(page)
      if (jumped > MOST_JUMPS) faults.push(`/organization${tab}: jumps by ${jumped}`)
      await check(`/organization${tab}`)
    }
    await page.goto('/organization')
    await settled(page)
    await page.getByRole('button', { name: 'New API key' }).first().click()
    await dialogOf(page).getByLabel('Name').fill(`Axe ${uniqueWord()}`)
    await check('new key', '[role=dialog]')
    await dialogOf(page).getByRole('button', { name: 'Create key' }).click()
    await expect(dialogOf(page).locator('code').first()).toBeVisible()
    await check('the key', '[role=dialog]')
    await dialogOf(page).getByRole('button', { name: 'Done' }).click()
    await page
      .getByRole('button', { name: /^Revoke / })
      .first()
      .click()
    await expect(dialogOf(page)).toContainText('waits.')
    await check('revoke', '[role=dialog]')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    await dialogOf(page).getByRole('button', { name: 'Make the link' }).click()
    await expect(dialogOf(page).getByRole('alert')).toBeVisible()
    await check('invite, with an error', '[role=dialog]')
    expect(faults).toEqual([])
  })
