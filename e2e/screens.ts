import { PAGES } from '../app/_components/shell/pages'
import { expect, type Page } from './test'
import { home, uniqueWord, withKey } from './world'

/**
 * The screens below the pages of the navigation, such as tabs, details and forms. A new page in pages.ts is included
 * without a change here.
 */
const BELOW = [
  '/submit?type=sample.work',
  '/submit?type=export.jobs',
  '/job-types/sample.work',
  '/job-types/sample.work?tab=versions',
  '/schedules/~new',
  '/alerts/~new',
  '/account',
  '/organization?tab=keys',
  '/organization?tab=limits',
  '/organization?tab=settings',
]

/** The addresses of all screens of the dashboard. */
export const screens = (...jobs: string[]): string[] => [...PAGES.map(({ path }) => path), ...jobs, ...BELOW]

/** Makes two jobs to look at. One failed, and one completed. Returns their addresses. */
export async function someJobs() {
  const api = withKey('OPERATOR')
  const data = {
    word: uniqueWord(),
    list: Array.from({ length: 30 }, (_, n) => ({ n, text: `a${'b'.repeat(n * 8)}` })),
  }
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data } })
  const done = await api.submit({ jobType: 'sample.work', parameters: { durationMs: 300, progressSteps: 3, data } })
  await api.until(dead.id, 'DEAD_LETTER')
  await api.until(done.id, 'COMPLETED')
  return { dead: `/jobs/${dead.id}`, done: `/jobs/${done.id}` }
}

/** Makes a schedule to look at. Returns its own addresses: those of its page and of its form. */
export async function someSchedule(): Promise<[page: string, form: string]> {
  const { data } = await withKey('ADMIN').mutate<{ id: string }>('schedules.create', {
    organizationId: home,
    name: `Look at ${uniqueWord()}`,
    jobType: 'sample.noop',
    cron: '0 * * * *',
    timeZone: 'Europe/Berlin',
  })
  return [`/schedules/${data.id}`, `/schedules/${data.id}/edit`]
}

/** Waits until everything that the page fetches is drawn. */
export async function settled(page: Page) {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
}

/** The address at which somebody accepts an invitation. */
export async function invitation(): Promise<string> {
  const { data } = await withKey('SYSTEM_ADMIN', null).mutate<{ link: string }>('members.invite', {
    organizationId: home,
    email: `${uniqueWord()}@example.com`,
    role: 'VIEWER',
  })
  return new URL(data.link).pathname
}
