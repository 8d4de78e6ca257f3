import { expect, test, type Page } from './test'
import { baseUrl, client, foreign, home, uniqueWord } from './world'
import { dialogOf, makeKey, PASSWORD, rowOf, settled, toastOf } from './organization-page'

// The members of an organization, and invitations to it.

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
  const open = admin.getByRole('region', { name: 'Open invitations' })
  await expect(open).toBeVisible()
  await expect(open).not.toContainText(email)

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
  const keys = dialogOf(admin).getByRole('list', { name: 'Live API keys' })
  await expect(keys).toContainText(`Back door ${word}`)
  await expect(keys).not.toContainText(`Side door ${word}`)
  await expect(dialogOf(admin).getByRole('alert')).toContainText(
    'a live API key of this organization with a role above Operator',
  )
  await expect(change).toHaveAttribute('aria-disabled', 'true')

  // The answer holds for this role only. For a still lower role both keys are shown first, and none is revoked before.
  await dialogOf(admin).getByRole('radio', { name: 'Revoke' }).check()
  await dialogOf(admin).getByRole('radio', { name: 'Viewer' }).check()
  await expect(keys).toHaveCount(0)
  await change.click()
  await expect(keys.getByRole('listitem')).toHaveCount(2)
  await expect(change).toHaveAttribute('aria-disabled', 'true')
  expect([await reach(powerful), await reach(humble)]).toEqual(['gets in', 'gets in'])
  await dialogOf(admin).getByRole('radio', { name: 'Operator' }).check()
  await expect(keys).toHaveCount(0)
  await change.click()
  await expect(keys.getByRole('listitem')).toHaveCount(1)
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

test('an admin makes a new link for an invitation, which ends the old one, and withdraws it @long', async ({
  as,
  page,
}) => {
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
    ['nobody', 'The address must be an email address.'],
    [data.user.email, 'The address is a member already.'],
  ] as const) {
    await dialogOf(page).getByLabel('Email').fill(given)
    await dialogOf(page).getByRole('button', { name: 'Make the link' }).click()
    await expect(alert).toHaveText(problem)
    await expect(dialogOf(page).getByLabel('Email')).toBeFocused()
  }
})

test('the last admin of an organization cannot leave it, and is told what to do first', async ({ as }) => {
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
