import { PAGES } from '../app/_components/shell/pages'

// The addresses of the screens that the walk over every page visits (every-page.spec.ts, figures.spec.ts, and the
// pictures of testing/every-screenshot.mjs).

/**
 * Screens below the pages of the navigation, such as tabs and forms. A new page in pages.ts is visited without a change
 * here.
 */
const SCREENS_BELOW = [
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

/** The addresses of all screens of the dashboard. The caller names those about one thing, such as a job (`more`). */
export const screens = (...more: string[]): string[] => [...PAGES.map(({ path }) => path), ...more, ...SCREENS_BELOW]
