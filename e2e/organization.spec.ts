import { faultsOf } from './axe'
import { jumps, MOST_JUMPS, noteJumps, tooWide } from './layout'
import { expect, test } from './test'
import { foreign, uniqueWord, withKey } from './world'
import { dialogOf, PHONE, settled, toastOf, WIDE } from './organization-page'

// The page of the organization as a whole: limits, name, time zone, state and tabs.

// The journeys of other files submit in `foreign`, too. So everything that one of these changed is taken back, also
// where it has failed. A resume of what is neither paused nor suspended changes nothing.
const platform = withKey('SYSTEM_ADMIN', null)
let before: { name: string; timeZone: string; maxUnfinished: number | null }
test.beforeAll(async () => {
  const { data } = await platform.query<typeof before>('organizations.get', { organizationId: foreign })
  before = { name: data.name, timeZone: data.timeZone, maxUnfinished: data.maxUnfinished }
})
test.afterEach(async () => {
  await platform.change('organizations.resume', { organizationId: foreign })
  await platform.change('control.resume', { scope: 'organization', organizationId: foreign })
  await platform.change('organizations.update', { organizationId: foreign, changes: before })
})

test('a system admin changes a limit; an admin sees how much of it is used, and who changes it', async ({ as }) => {
  const submitted = await withKey('OPERATOR', foreign).submit(
    { jobType: 'sample.noop', runAt: new Date(Date.now() + 3_600_000).toISOString() },
    foreign,
  )
  const root = await as('SYSTEM_ADMIN')
  await root.goto(`/organization?org=${foreign}&tab=limits`)
  await root.getByRole('button', { name: 'Change the limit of unfinished jobs' }).click()
  // After a number that the server refused, a text that is no number must not take the limit away.
  const change = dialogOf(root).getByRole('button', { name: 'Change limit' })
  await dialogOf(root).getByLabel('Limit').fill('99999999999')
  await change.click()
  await expect(dialogOf(root).getByLabel('Limit')).toHaveAttribute('aria-invalid', 'true')
  await dialogOf(root).getByLabel('Limit').fill('1o')
  await expect(dialogOf(root)).toContainText('Give a whole number, or nothing.')
  await expect(change).toHaveAttribute('aria-disabled', 'true')
  await dialogOf(root).getByLabel('Limit').fill('1')
  await expect(dialogOf(root)).toContainText('New submissions are refused until some have ended')
  await dialogOf(root).getByLabel('Reason').fill('A test of the limit')
  await change.click()
  await expect(toastOf(root, 'Unfinished jobs: a limit of 1')).toBeVisible()

  const admin = await as('ADMIN', { organizationId: foreign })
  await admin.goto('/organization?tab=limits')
  const card = admin.getByRole('region', { name: 'Unfinished jobs' })
  await expect(card).toContainText('of 1')
  await expect(card.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100')
  await expect(card).toContainText(/Full|Above the limit/)
  // An admin may only ask for another limit.
  await expect(card.getByRole('button')).toHaveAccessibleName(/^Ask for another limit/)
  await expect(admin.getByText('changed by system admins')).toBeVisible()

  // The figure links to the jobs that it counts, and updates without a reload.
  const list = card.getByRole('link', { name: 'list them' })
  const figure = Number((await list.innerText()).split(/\s/)[0]!.replaceAll(',', ''))
  await withKey('ADMIN', foreign).mutate('jobs.cancel', { jobId: submitted.id })
  await expect(list).toContainText(String(figure - 1))
  await list.click()
  await expect(admin.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await expect(admin.locator('main header')).toContainText(String(figure - 1))
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
  expect(result).toMatchObject({ from: '2026-10-31T18:30:00.000Z' }) // midnight there
  await zone.fill('UTC')
  await save.click()
  await expect(save).toHaveAttribute('aria-disabled', 'true')
})

test('an admin pauses the organization with a reason and resumes it; a system admin suspends it @long', async ({
  as,
}) => {
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
  test(`the organization’s page is accessible and does not jump, ${width} wide @long`, async ({ as }) => {
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
