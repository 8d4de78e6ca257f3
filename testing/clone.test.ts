import { afterEach, expect, test, vi } from 'vitest'
import { webSchema, workerSchema } from '@/server/env'
import { LAUNCHER_WORDS } from '@/server/env-words'
import { cleanEnvironment } from './clone.mjs'

afterEach(() => vi.unstubAllEnvs())

test('nothing that is exported for the Jobyard of a developer reaches a copy of the clone', () => {
  const names = [
    ...[webSchema, workerSchema].flatMap(({ shape }) => Object.keys(shape)),
    ...Object.keys(LAUNCHER_WORDS),
    // What the SDKs and drivers read of the environment by themselves.
    ...['AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL_S3', 'OTEL_SERVICE_NAME', 'OTEL_EXPORTER_OTLP_HEADERS'],
    ...['PGHOST', 'PGPASSWORD', 'PGSSLMODE', 'JOBYARD_DEMO_FILE'],
  ]
  for (const name of names) vi.stubEnv(name, 'set-by-the-developer')
  // Suites give it to their programs on top of the environment.
  const given = { ...process.env, ...cleanEnvironment() }
  expect(Object.entries(given).filter(([, value]) => value === 'set-by-the-developer')).toEqual([])
  expect(cleanEnvironment()).toMatchObject({ PATH: process.env.PATH })
})
