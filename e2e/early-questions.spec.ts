import { expect, test } from './test'
import { drawnOnly } from './held-scripts'
import { freshOrganization } from './incident'
import { home, uniqueWord, withKey } from './world'

const operator = withKey('OPERATOR')

/** The names of the queries in the address of a request. */
const queriesIn = (url: string) => /\/api\/trpc\/([^?]+)/.exec(url)?.[1]?.split(',') ?? []

for (const { who, role, path } of [
  { who: 'a system admin', role: 'SYSTEM_ADMIN', path: '/jobs?org=all' },
  { who: 'a person with one organization', role: 'OPERATOR', path: '/jobs' },
] as const)
  test(`the page of ${who} asks for its first data while its script still loads`, async ({ as }) => {
    const page = await as(role)
    const asked: string[] = []
    page.on('request', (request) => asked.push(...queriesIn(request.url())))
    const loadScripts = await drawnOnly(page, path)
    await expect.poll(() => asked).toEqual(expect.arrayContaining(['session.me', 'jobs.list', 'jobs.count']))
    await loadScripts()
    await expect(page.locator('main a[href*="/jobs/"]').first()).toBeVisible()
  })

test('a page of one organization reads its data once, although it follows the organization’s events', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const page = await as('SYSTEM_ADMIN')
  const asked: string[] = []
  page.on('request', (request) => asked.push(...queriesIn(request.url())))
  await page.goto(`/jobs?org=${organizationId}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  // A second read would come at once when the stream begins.
  await page.waitForTimeout(2_000)
  expect(asked.filter((query) => query === 'jobs.list')).toHaveLength(1)
  expect(asked.filter((query) => query === 'jobs.count')).toHaveLength(1)

  await withKey('SYSTEM_ADMIN', null).submit(
    { jobType: 'sample.noop', parameters: { note: uniqueWord() } },
    organizationId,
  )
  await expect(page.locator('main a[href*="/jobs/"]').first()).toBeVisible()
})

test('a page whose early questions get no answer shows its data all the same', async ({ as }) => {
  const word = uniqueWord()
  await operator.submit({ jobType: 'sample.noop', parameters: { note: word } }, home)
  const page = await as('OPERATOR')
  let requests = 0
  await page.route('**/api/trpc/**', async (route) => {
    if (requests++ === 0) await route.abort()
    else await route.continue()
  })
  await page.goto(`/jobs?q=${word}`)
  await expect(page.locator('main a[href*="/jobs/"]').first()).toBeVisible()
  expect(requests).toBeGreaterThan(1)
})
