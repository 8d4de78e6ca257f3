import { PAGES } from '../app/_components/shell/pages'

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

/** The addresses of all screens of the dashboard. Those about one thing, such as a job, are named by the caller. */
export const screens = (...more: string[]): string[] => [...PAGES.map(({ path }) => path), ...more, ...BELOW]
