import { randomUUID } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import pg from 'pg'
import { freshOrganization } from './incident'
import { expect, test, type Page } from './test'
import { databaseUrl, home, uniqueWord, withKey } from './world'

// Who did what (/audit), how much of its limits an organization uses, and which organization stands out (/platform).

const root = () => withKey('SYSTEM_ADMIN', null)

async function changeLimit(maxConcurrent: number | null, reason: string) {
  const { error } = await root().mutate('organizations.update', {
    organizationId: home,
    changes: { maxConcurrent },
    reason,
  })
  expect(error).toBeUndefined()
}

const faultsOf = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

test('an admin finds who changed a limit, from which value to which, and why; a viewer is told that only admins see the audit', async ({
  as,
}) => {
  const reason = `More workers ${uniqueWord()}`
  const before = await root().query<{ maxConcurrent: number | null; name: string }>('organizations.get', {
    organizationId: home,
  })
  const page = await as('ADMIN', { viewport: { width: 1440, height: 900 } })
  try {
    await changeLimit(4_001, 'Before')
    await changeLimit(4_002, reason)
    await page.goto('/organization?tab=limits')
    const running = page.getByRole('region', { name: 'Running jobs' })
    await expect(running).toContainText('of 4,002')
    await expect(running).toContainText(/Peak of 7 days: [\d,]+ \(/)
    await running.getByRole('link', { name: 'Who changed it' }).click()

    const drawer = page.getByRole('dialog')
    await expect(drawer.getByRole('heading').first()).toContainText('limit of running jobs from 4,001 to 4,002')
    await expect(drawer).toContainText(reason)
    await expect(drawer.getByRole('list', { name: 'Before and after' })).toContainText(
      /Max concurrent\s*from 4001\s*to 4002/,
    )
    await expect(page).toHaveURL(/\/audit\?.*entry=/)
    expect(await faultsOf(page)).toEqual([])

    // The drawer links to all entries about the same object, and from there back to the object.
    await drawer.getByRole('link', { name: 'Show only these: acts on it' }).click()
    await expect(page).toHaveURL(/kind=organization&object=/)
    await expect(page.getByRole('button', { name: /^Which/ }), 'it is called by its name').toContainText(
      before.data.name,
    )
    await expect(drawer).toHaveCount(0)
    const entry = page.getByRole('main').getByRole('listitem').filter({ hasText: reason })
    await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible()
    await expect(entry).toHaveCount(1)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await expect(drawer).toContainText(reason)
    await expect(page).toHaveURL(/entry=/)
    await page.goBack()
    await expect(drawer).toHaveCount(0)
    await page.getByRole('button', { name: 'Who' }).click()
    await page.getByRole('menuitemradio').nth(1).click()
    await expect(page).toHaveURL(/person=/)
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await expect(page).not.toHaveURL(/person=/)
  } finally {
    await changeLimit(before.data.maxConcurrent, 'As it was')
  }
  expect(await faultsOf(page)).toEqual([])

  const viewer = await as('VIEWER')
  await viewer.goto('/audit')
  await expect(viewer.getByText('Only admins see the audit')).toBeVisible()
  await expect(viewer.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' })).toHaveCount(0)
})

test('a system admin finds the organization that stands out, and opens its overview @long', async ({ as }) => {
  const word = uniqueWord()
  const { data: made } = await root().mutate<{ id: string }>('organizations.create', {
    name: `Full ${word}`,
    slug: word,
    maxUnfinished: 1,
  })
  const submitted = await root().mutate('jobs.submit', {
    organizationId: made.id,
    jobType: 'sample.noop',
    runAt: '2100-01-01T00:00:00Z',
  })
  expect(submitted.error).toBeUndefined()
  const page = await as('SYSTEM_ADMIN', { viewport: { width: 1440, height: 900 } })
  await page.goto('/platform?org=all')
  const row = page.getByRole('row').filter({ hasText: `Full ${word}` })
  await expect(row).toContainText('Quota')
  await expect(row).toContainText('100 %')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('searchbox', { name: 'Search organizations' }).fill(word)
  await expect(page).toHaveURL(new RegExp(`q=${word}`))
  await expect(page.getByRole('row')).toHaveCount(2)
  await row.getByRole('link', { name: `Full ${word}`, exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`/\\?org=${made.id}`))
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()

  const admin = await as('ADMIN')
  await admin.goto('/platform')
  await expect(admin.getByText('Only system admins see the platform')).toBeVisible()
})

test('where more people and keys did something than are listed, the filter says who is missing, and they are found by their id', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  await root().change('apiKeys.create', { organizationId, name: 'Not yet used', role: 'VIEWER' })
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  // The list is cut by id, so the greatest id is missing.
  const missing = 'ffffffff-ffff-4fff-bfff-ffffffffffff'
  const ids = [...Array.from({ length: 205 }, () => randomUUID()), missing]
  try {
    // Ids of audit entries rise with time. Greater ones would stand before all that other journeys do.
    await database.query(
      `INSERT INTO audit_events (id, organization_id, actor_type, actor_id, actor_name, action, target_type, target_id)
       SELECT ('00000000' || substr(gen_random_uuid()::text, 9))::uuid, $1::uuid, 'USER', id, 'Person ' || right(id::text, 8), 'organization.suspend', 'organization', $1::text FROM unnest($2::uuid[]) AS id`,
      [organizationId, ids],
    )
  } finally {
    await database.end()
  }
  const page = await as('SYSTEM_ADMIN')
  // Without the keys it is not known who is missing, so the page says that they could not be read.
  await page.route(/apiKeys\.list/, (route) => route.abort())
  await page.goto(`/audit?org=${organizationId}`)
  const notRead = page.getByText('Who can be chosen could not be read.')
  await expect(notRead).toBeVisible()
  await page.unroute(/apiKeys\.list/)
  await notRead.getByRole('button', { name: 'Try again' }).click()
  await expect(notRead).toHaveCount(0)
  await page.getByRole('button', { name: /^Who/ }).click()
  const menu = page.getByRole('menu')
  await expect(menu).toContainText('Not everybody who did something here may be listed')
  await expect(menu.getByRole('menuitemradio', { name: 'Person ffffffff' })).toHaveCount(0)
  // A key of the organization can be chosen, also where it is not among the listed.
  await expect(menu.getByRole('menuitemradio', { name: 'Not yet used (API key)' })).toBeVisible()
  await menu.getByRole('menuitemradio', { name: 'Another, by their id…' }).click()
  const field = page.getByRole('searchbox', { name: 'Id of the person or key' })
  // Neither the beginning of an id nor a long text that is none is searched for, and the field says why.
  for (const text of ['ffffffff', 'f'.repeat(40)]) {
    await field.fill(text)
    await expect(page.getByText('This is no id')).toBeVisible()
    // The field waits less than this before it searches.
    await page.waitForTimeout(600)
    await expect(page).not.toHaveURL(/person=/)
  }
  await field.fill(missing)
  await expect(page).toHaveURL(new RegExp(`person=${missing}`))
  await expect(page.getByText('This is no id')).toHaveCount(0)
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1)
})
