import { defineConfig, devices } from '@playwright/test'

const executablePath = process.env.E2E_CHROMIUM || undefined

// `npm run test:e2e` starts Jobyard in a copy of its own and says where in E2E_URL (and E2E_RUN_FILE,
// its run.json). With both set by hand the journeys run against that one.
export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // Two cores run the browser, the web server, the worker and the database.
  workers: 1,
  // What passes only on its second try is named by `npm test` (testing/suites.mjs).
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  outputDir: process.env.E2E_OUTPUT ?? 'test-results',
  use: {
    baseURL: process.env.E2E_URL,
    // Recording each journey takes as long as the journey; the second try of one that failed is recorded.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: ['--disable-dev-shm-usage'] },
  },
  projects: [{ name: 'chromium', use: { ...devices['Desktop Chrome'] } }],
})
