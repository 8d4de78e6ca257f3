import { faultsOf } from './axe'
import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { expect, test } from './test'
import { uniqueWord, withKey } from './world'

const root = withKey('SYSTEM_ADMIN', null)
/** Jobs of 3 s that run one at a time, so the queue takes about 2 minutes. */
const BACKLOG = 40
const SECONDS = 3

/**
 * Makes an organization that runs one job at a time. Some of its jobs wait for their turn, and two wait for their time.
 */
async function backlog(): Promise<string> {
  const organizationId = await freshOrganization()
  const { error } = await root.mutate('organizations.update', { organizationId, changes: { maxConcurrent: 1 } })
  expect(error).toBeUndefined()
  const work = { jobType: 'sample.work' }
  const parameters = () => ({ durationMs: SECONDS * 1000, data: uniqueWord() })
  // One job has already run, so the server knows how long such jobs take.
  const first = await root.submit({ ...work, parameters: parameters() }, organizationId)
  await root.until(first.id, 'COMPLETED')
  const later = { runAt: '2099-01-01T00:00:00Z' }
  const jobs = [
    ...Array.from({ length: BACKLOG }, () => ({ ...work, parameters: parameters() })),
    ...Array.from({ length: 2 }, () => ({ ...work, parameters: parameters(), ...later })),
  ]
  expect((await root.mutate('jobs.submitMany', { organizationId, jobs })).error).toBeUndefined()
  return organizationId
}

for (const { name, look } of WIDTHS) {
  test(`task 8 at ${name}: the overview tells how long the queue will take and what decides that, without a click`, async ({
    as,
  }) => {
    const organizationId = await backlog()
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 8 at ${name}`)
    await page.goto(`/?org=${organizationId}`)
    const card = page.getByRole('region', { name: 'What waits' })
    await expect(card).toContainText(/about [12] min for \d+ of them; the organization’s limit of 1 decides/)
    await task.reach(0)
    const told = card.getByText(/about [12] min for/)
    await expect(told).toBeInViewport({ ratio: 1 })

    // Each figure is exactly the number of jobs that its link finds.
    const parts = card.getByRole('list', { name: /^Reasons why jobs wait/ }).getByRole('listitem')
    await expect(parts.filter({ hasText: 'Scheduled' }).getByRole('link')).toHaveText(/^2 Scheduled$/)
    for (const code of ['SCHEDULED', 'CONCURRENCY_LIMIT']) {
      const link = parts.locator(`a[href*="waitingFor=${code}"]`).first()
      const found = async () => {
        const { data } = await root.query<{ count: number }>('jobs.count', { organizationId, waitingFor: [code] })
        return data.count - Number((await link.innerText()).replace(/\D/g, ''))
      }
      await expect.poll(found, { message: `${code} counts what it finds` }).toBe(0)
      await expect(link).toHaveAttribute('href', new RegExp(`org=${organizationId}`))
    }
    // On a phone the sentences are whole, and nothing of them lies outside of the card.
    if (name === '390')
      expect(
        await parts.evaluateAll((all) =>
          all
            .flatMap((one) => [...one.querySelectorAll('span, a')])
            .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
            .map(({ textContent }) => textContent),
        ),
      ).toEqual([])
    expect(await faultsOf(page, `what waits at ${name}`, '[aria-labelledby="waiting"]')).toEqual([])
    await root.mutate('jobs.cancelMany', { organizationId, filter: { status: ['PENDING', 'QUEUED', 'RUNNING'] } })
  })
}

test('the overview of an organization that never had a job tells what to do first', async ({ as }) => {
  const page = await as('SYSTEM_ADMIN')
  await page.goto(`/?org=${await freshOrganization()}`)
  const first = page.getByRole('region', { name: 'No job yet' })
  await expect(first.getByRole('link', { name: 'Submit a job' })).toHaveAttribute('href', /^\/submit/)
  await expect(page.getByRole('region', { name: 'What waits' })).toContainText('Nothing waits')
})
