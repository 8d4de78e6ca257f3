import { freshOrganization, incident } from './incident'
import { jumps, MOST_JUMPS, noteJumps, slowAnswers } from './layout'
import { settled } from './screens'
import { expect, test, type Page } from './test'
import { withKey } from './world'

const root = withKey('SYSTEM_ADMIN', null)

const banner = (page: Page) => page.getByRole('status').filter({ hasText: 'The ledger is being closed' })

for (const [width, viewport] of [
  ['1440', { width: 1440, height: 900 }],
  ['390', { width: 390, height: 844 }],
] as const) {
  test(`at ${width}: while an organization is paused, the pages that somebody opens one after the other do not move @long`, async ({
    as,
  }) => {
    const organizationId = await freshOrganization()
    const job = await root.submit({ jobType: 'sample.noop', parameters: {} }, organizationId)
    await root.until(job.id, 'COMPLETED')
    await root.mutate('control.pause', { scope: 'organization', organizationId, reason: 'The ledger is being closed' })
    const page = await as('SYSTEM_ADMIN', { viewport })
    await page.goto(`/jobs?org=${organizationId}`)
    await expect(banner(page)).toBeVisible()
    // The first page of a visit does not know yet of the pause, so it is not measured. From here on each page that is
    // opened counts its own jumps.
    await noteJumps(page)
    await slowAnswers(page)
    for (const path of ['/', '/job-types', '/workers', '/schedules/~new', `/jobs/${job.id}`]) {
      await page.goto(`${path}?org=${organizationId}`)
      await expect(banner(page)).toBeVisible()
      await settled(page)
      expect(await jumps(page), path).toBeLessThan(MOST_JUMPS)
    }
  })

  test(`at ${width}: the overview does not move while it loads an incident, or an organization without jobs @long`, async ({
    as,
  }) => {
    const { organizationId } = await incident()
    const page = await as('SYSTEM_ADMIN', { viewport })
    await noteJumps(page)
    await slowAnswers(page)
    await page.goto(`/?org=${organizationId}`)
    await expect(page.getByRole('region', { name: 'Open circuits' })).toBeVisible()
    await settled(page)
    expect(await jumps(page), 'an incident').toBeLessThan(MOST_JUMPS)
    await page.goto(`/?org=${await freshOrganization()}`)
    await expect(page.getByRole('region', { name: 'No job yet' })).toBeVisible()
    await settled(page)
    expect(await jumps(page), 'an organization without jobs').toBeLessThan(MOST_JUMPS)
  })
}
