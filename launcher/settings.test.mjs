import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseAllowList } from '../server/engine/domain/destination'
import { parseWebEnv, parseWorkerEnv } from '../server/env'
import { bounds } from '../server/env-bounds.mjs'
import { secretOfOrigin } from '../worker/handlers/http/signature'
import { inRoot } from './paths.mjs'
import { checkAllowList } from './setting-checks.mjs'
import { readSettings } from './settings.mjs'

test.each([
  'billing.internal',
  '*.svc.local:8080',
  'localhost',
  'localhost:1',
  '10.1.0.0/16',
  '127.0.0.1',
  '127.0.0.1:65535',
  '::1',
  '[::1]',
  '[::1]:4000',
  'fd00::/8',
  'a_b.c-d',
  'A.Example',
  'a1',
  '1a.b2',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/',
  '10.0.0.0/x',
  'fd00::/129',
  '127.1',
  '1.2.3.4.5',
  '300.1.1.1',
  'http://a.example',
  'a.example:0',
  'a.example:70000',
  '*',
  '*.*.a',
  'a..b',
  '[::1',
  '::1]:3',
  'ä.example',
  '[a.example]',
  'a/8',
  '7',
  '',
  'a, b 10.0.0.0/8',
  'a, 10.0.0.0/99',
])('the start and the workers accept the same allow lists: %j', (text) => {
  /** @param {(text: string) => unknown} read */
  const takes = (read) => {
    try {
      read(text)
      return true
    } catch {
      return false
    }
  }
  expect(takes(checkAllowList)).toBe(takes(parseAllowList))
})

test('npm run http-secret prints the secret with which requests to that service are signed', () => {
  const secret = 'a-secret-for-tests-of-http-request-0123456789'
  const print = (/** @type {string} */ address) =>
    execFileSync(process.execPath, [inRoot('scripts/http-secret.mjs'), address], {
      env: { ...process.env, HTTP_REQUEST_SECRET: secret },
      encoding: 'utf8',
    }).trim()
  expect(print('https://billing.example.com/jobs/invoice?x=1')).toBe(
    secretOfOrigin(secret, 'https://billing.example.com'),
  )
  expect(print('HTTP://127.0.0.1:8080')).toBe(secretOfOrigin(secret, 'http://127.0.0.1:8080'))
  expect(print('https://other.example.com')).not.toBe(print('https://billing.example.com'))
})

const good = {
  NODE_ENV: /** @type {const} */ ('test'),
  DATABASE_URL: 'postgresql://u:p@localhost/db',
  NEXTAUTH_URL: 'http://localhost:3000',
  NEXTAUTH_SECRET: 'k3v0nQxY2m8Zr5tWb7cJ4hLsDf6gPaEu',
}
const oidc = { OIDC_ISSUER: 'https://login.example.com', OIDC_CLIENT_ID: 'jobyard', OIDC_CLIENT_SECRET: 'x9Kq-2LmZ' }

test.each(
  /** @type {Record<string, string>[]} */ ([
    { DATABASE_URL: 'mysql://localhost/db' },
    { REDIS_URL: 'http://localhost' },
    { LOG_LEVEL: 'loud' },
    { JOBYARD_EMBEDDED: 'yes' },
    { PORT: '0' },
    { PORT: '70000' },
    { PORT: '1e3' },
    { NEXTAUTH_SECRET: 'short' },
    { NEXTAUTH_URL: 'localhost:3000' },
    { TRUSTED_PROXIES: '11' },
    { OIDC_NAME: 'Example' },
    { OIDC_ISSUER: 'https://login.example.com' },
    { ...oidc, OIDC_ISSUER: 'http://login.example.com' },
    { ...oidc, OIDC_CLIENT_SECRET: 'change-me' },
    { ...oidc, OIDC_NAME: 'n'.repeat(41) },
    { DRAIN_SECONDS: '-1' },
    { DRAIN_SECONDS: '3601' },
    { ISOLATED_SLOTS: '0' },
    { ISOLATED_SLOTS: '257' },
    { INLINE_SLOTS: '10001' },
    { WORKER_POOLS: 'reports,' },
    { WORKER_POOLS: 'Reports' },
    { HTTP_REQUEST_SECRET: 'short' },
    { HTTP_REQUEST_ALLOW: '10.0.0.0/40' },
    { MAIL_FROM: 'Jobyard <jobyard@example.com>', SMTP_URL: 'https://mail.example.com' },
    { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'n'.repeat(321) },
    { SMTP_URL: 'smtp://mail.example.com' },
    { MAIL_FROM: 'Jobyard <jobyard@example.com>' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:4318/v1/traces' },
  ]),
)('what the processes refuse, the start refuses before it touches anything: %j', (wrong) => {
  const name = Object.keys(wrong).at(-1) ?? ''
  const env = { ...good, ...wrong }
  const refuses = (/** @type {(env: NodeJS.ProcessEnv) => unknown} */ parse) => {
    try {
      parse(env)
      return false
    } catch {
      return true
    }
  }
  expect(refuses(parseWebEnv) || refuses(parseWorkerEnv)).toBe(true)
  expect(() => readSettings({ ...env })).toThrow(name.startsWith('OIDC') ? /OIDC_/ : name)
})

test('an environment with a database, secrets and OIDC is accepted, with an OIDC_NAME of 40 characters', () => {
  expect(readSettings({ ...good, ...oidc, OIDC_NAME: 'n'.repeat(40) })).toMatchObject({
    databaseUrl: good.DATABASE_URL,
    host: '0.0.0.0',
    drainSeconds: 15,
  })
})

test.each(['fe80::1%eth0', 'localhost:3000', 'http://localhost', 'a b', 'me@host'])(
  'a start refuses HOST "%s", which cannot be a part of a URL',
  (HOST) => {
    expect(() => readSettings({ HOST })).toThrow(/^HOST is/)
  },
)

test('npm start and the processes that it starts accept the same range for every number', () => {
  for (const [name, [min, max]] of Object.entries(bounds)) {
    for (const value of [min, max, max + 1, min - 1]) {
      const env = { ...good, [name]: String(value) }
      /** @param {() => unknown} read */
      const takes = (read) => {
        try {
          read()
          return true
        } catch {
          return false
        }
      }
      const expected = value >= min && value <= max
      expect([
        name,
        value,
        takes(() => readSettings({ ...env })),
        takes(() => [parseWebEnv(env), parseWorkerEnv(env)]),
      ]).toEqual([name, value, expected, expected])
    }
  }
})

test('without a DATABASE_URL only this machine reaches the dashboard, unless HOST says otherwise', () => {
  expect(readSettings({}).host).toBe('localhost')
  expect(readSettings({ HOST: '0.0.0.0' }).host).toBe('0.0.0.0')
  expect(readSettings({ ...good }).host).toBe('0.0.0.0')
})
