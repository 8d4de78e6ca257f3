import { readFileSync } from 'node:fs'
import path from 'node:path'

// The instance under test: its address from E2E_URL, which playwright.config.ts reads as well, its secret from
// secrets.json, and everything else from its run.json.

export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN' | 'SYSTEM_ADMIN'

/** What the journeys read of run.json, which `npm start` writes. */
export interface RunFile {
  url: string
  databaseUrl: string
  accounts: { email: string; password: string; role: Role; organizationId: string | null }[]
  apiKeys: { organizationId: string | null; role: Role; key: string }[]
}

const runFile = process.env.E2E_RUN_FILE
if (!runFile || !process.env.E2E_URL)
  throw new Error('Set E2E_URL and E2E_RUN_FILE (a running instance and its run.json), or run `npm run test:e2e`.')

const local = path.dirname(runFile)
export const run = JSON.parse(readFileSync(runFile, 'utf8')) as RunFile
export const baseUrl = process.env.E2E_URL.replace(/\/$/, '')
export const { databaseUrl } = run

/** The clone in which the instance was built and started. Without JOBYARD_STATE_DIR, run.json lies in its `.local/`. */
export const clone = path.resolve(local, '..')

/** The secret of sessions. All web processes of one database must have the same, or they refuse to start. */
export const nextAuthSecret = (): string =>
  (JSON.parse(readFileSync(path.join(local, 'secrets.json'), 'utf8')) as { nextAuthSecret: string }).nextAuthSecret
