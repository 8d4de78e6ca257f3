import { randomUUID } from 'node:crypto'
import { hash } from 'bcrypt'
import { Client } from 'pg'
import { expect, expectNoReload, jobPage, signIn, test, type Page } from './test'
import { client, databaseUrl, foreign, home, uniqueWord, withKey } from './world'

/** Makes a person for this test, so that no other test loses its account. */
async function newMember(...organizationIds: string[]) {
  const [userId, personId] = [randomUUID(), randomUUID()]
  const [email, password] = [`${uniqueWord()}@example.com`, 'a long enough password']
  await query('INSERT INTO users (id, email, password_hash) VALUES ($1, $2, $3)', [
    userId,
    email,
    await hash(password, 4), // the smallest cost of bcrypt, which is quick
  ])
  await query('INSERT INTO persons (id, user_id, name) VALUES ($1, $2, $3)', [personId, userId, 'Lena Leaving'])
  for (const id of organizationIds)
    await query(`INSERT INTO org_members (organization_id, person_id, role) VALUES ($1, $2, 'OPERATOR')`, [
      id,
      personId,
    ])
  return {
    email,
    password,
    remove: (organizationId: string) =>
      query('DELETE FROM org_members WHERE organization_id = $1 AND person_id = $2', [organizationId, personId]),
    disable: () => query('UPDATE users SET disabled_at = now() WHERE id = $1', [userId]),
  }
}

async function query(text: string, values: unknown[]): Promise<void> {
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  await database.query(text, values).finally(() => database.end())
}

/**
 * Signs in as a member and opens the live page of a job in `home`. The page shows a secret that only members may know.
 */
async function openJob(page: Page, member: { email: string; password: string }) {
  const secret = uniqueWord()
  const job = await withKey('OPERATOR').submit({
    jobType: 'sample.noop',
    parameters: { secret },
    runAt: '2100-01-01T00:00:00Z',
  })
  const path = `/jobs/${job.id}?org=${home}`
  await page.goto(`/sign-in?callbackUrl=${encodeURIComponent(path)}`)
  await signIn(page, member.email, member.password)
  await expect(jobPage(page).parameters).toContainText(secret)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  return { path, secret }
}

const shut = (page: Page) => page.getByRole('heading', { name: /^You no longer have access to / })

test('a member who is removed loses the open page within seconds, and can sign out there', async ({ page }) => {
  const member = await newMember(home)
  const { secret } = await openJob(page, member)
  const stayed = await expectNoReload(page)
  const at = Date.now()
  await member.remove(home)
  await expect(shut(page)).toBeVisible({ timeout: 15_000 })
  test.info().annotations.push({ type: 'shut out after', description: `${Date.now() - at} ms` })
  await stayed()
  await expect(page.getByText(secret)).toHaveCount(0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)
})

test('a member who is removed and belongs to another organization is offered to open that one @long', async ({
  page,
}) => {
  const member = await newMember(home, foreign)
  const { secret, path } = await openJob(page, member)
  await member.remove(home)
  await expect(shut(page)).toBeVisible({ timeout: 15_000 })
  await page.getByRole('button', { name: /^Open / }).click()
  await expect(page).toHaveURL(new RegExp(`org=${foreign}`))
  await expect(page.getByText('Job not found')).toBeVisible()
  await page.goto(path)
  await expect(page.getByRole('heading', { name: 'Organization not found' })).toBeVisible()
  await expect(page.getByText(secret)).toHaveCount(0)
})

test('when an account is closed, its open page shows nothing more, and the person cannot sign in again @long', async ({
  page,
}) => {
  const member = await newMember(home)
  const { path, secret } = await openJob(page, member)
  await member.disable()
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(dialog).toContainText(member.email)
  await expect(jobPage(page).parameters.getByText(secret)).not.toBeVisible()
  await dialog.getByLabel('Password').fill(member.password)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText(/\S/)
  await dialog.getByRole('button', { name: 'Sign in another way' }).click()
  await expect(page).toHaveURL((url) => url.pathname === '/sign-in' && url.searchParams.get('callbackUrl') === path)
})

test('the audit tells where an act came from, whatever the caller claims', async () => {
  const api = withKey('SYSTEM_ADMIN', null)
  const forged = client({ ...api.headers, 'x-forwarded-for': '203.0.113.66' })
  const { data } = await forged.mutate<{ apiKey: { id: string }; key: string }>('apiKeys.create', {
    organizationId: home,
    name: 'Short-lived',
    role: 'VIEWER',
  })
  await forged.mutate('apiKeys.revoke', { organizationId: home, apiKeyId: data.apiKey.id, reason: 'a journey' })
  const { data: page } = await api.query<{ items: { action: string; address: string }[] }>('audit.list', {
    organizationId: home,
    targetId: data.apiKey.id,
  })
  expect(page.items.map(({ action }) => action)).toEqual(['apiKey.revoke', 'apiKey.create'])
  for (const { address } of page.items) expect(address).toMatch(/^(127\.0\.0\.1|::1)$/)
  expect((await client({ authorization: `Bearer ${data.key}` }).query('session.me')).error?.data.reason).toBe(
    'UNAUTHENTICATED',
  )
})
