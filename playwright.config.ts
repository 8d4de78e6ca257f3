import { defineConfig, devices } from '@playwright/test'
import { quietBrowser } from './testing/quiet-browser'

const executablePath = process.env.E2E_CHROMIUM || undefined

/**
 * A journey with the tag @long is not part of `npm test`, which keeps one for each task and page, and whatever takes less
 * than 8 s. `npm run test:long -- journeys` has the others.
 */
const length = process.env.E2E_LENGTH ?? 'all'
const isLong = length === 'long' ? '(?=.*@long)' : ''
const leftOut = length === 'short' ? ['@long'] : []

// `npm run test:e2e` starts Jobyard in a copy of its own and says where in E2E_URL (and E2E_RUN_FILE,
// its run.json). With both set by hand the journeys run against that one.
export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // Each has organizations of its own (e2e/make-worlds.ts). Two keep two cores busy; more would wait for each other.
  workers: 2,
  globalSetup: './e2e/make-worlds',
  // What passes only on its second try is named by `npm test` (testing/suites.mjs).
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  outputDir: process.env.E2E_OUTPUT ?? 'test-results',
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.E2E_URL,
    // Recording each journey takes as long as the journey; the second try of one that failed is recorded.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: ['--disable-dev-shm-usage', quietBrowser] },
  },
  // A journey with the tag @alone fills the worker, stops processes, measures, or changes what all organizations see.
  projects: [
    { name: 'together', grep: new RegExp(`^${isLong}`), grepInvert: new RegExp(['@alone', ...leftOut].join('|')) },
    {
      name: 'alone',
      grep: new RegExp(`^${isLong}(?=.*@alone)`),
      ...(leftOut.length > 0 && { grepInvert: new RegExp(leftOut.join('|')) }),
      workers: 1,
    },
  ],
})
