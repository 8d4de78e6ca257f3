import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const SITE = 'https://jobs.example.com'

beforeAll(() => {
  vi.stubEnv('NEXTAUTH_URL', SITE)
  vi.stubEnv('NEXTAUTH_SECRET', 'a-secret-for-tests-of-the-origin-0123456789')
  vi.stubEnv('DATABASE_URL', 'postgresql://nobody@127.0.0.1/none')
})
afterAll(() => vi.unstubAllEnvs())

const refused = async (headers: Record<string, string>, via: 'cookie' | 'bearer' = 'cookie') => {
  const { refuseForeignOrigin } = await import('./origin')
  try {
    refuseForeignOrigin({ via }, new Headers({ host: 'jobs.example.com', ...headers }))
    return null
  } catch (error) {
    return (error as { reason: string }).reason
  }
}

it.each<[string, Record<string, string>]>([
  ['our own', { origin: SITE, 'sec-fetch-site': 'same-origin' }],
  ['our own, of a browser that sends no Sec-Fetch-Site', { origin: SITE }],
  ['the name under which the browser reaches us', { origin: 'https://10.0.0.5:8443', host: '10.0.0.5:8443' }],
  ['none: a program that sends the cookie itself', {}],
  ['none, typed into the address bar', { 'sec-fetch-site': 'none' }],
  ['none, from our own page', { 'sec-fetch-site': 'same-origin' }],
])('a call with a cookie is accepted if its origin is %s', async (_, headers) => {
  expect(await refused(headers)).toBeNull()
})

it.each<[string, Record<string, string>]>([
  ['another site', { origin: 'https://evil.example' }],
  ['a sandboxed frame or a file', { origin: 'null' }],
  ['an empty origin', { origin: '' }],
  ['a subdomain', { origin: 'https://x.jobs.example.com' }],
  ['the domain above', { origin: 'https://example.com' }],
  ['a sibling, which browsers call the same site', { 'sec-fetch-site': 'same-site' }],
  ['another site, without an origin', { 'sec-fetch-site': 'cross-site' }],
  ['something that is no site', { 'sec-fetch-site': 'whatever' }],
  ['another port', { origin: 'https://jobs.example.com:8443' }],
  ['plain http', { origin: 'http://jobs.example.com' }],
  ['a name that begins like ours', { origin: 'https://jobs.example.com.evil.example' }],
  ['a name that ends like ours', { origin: 'https://eviljobs.example.com' }],
  ['our name as the user of another', { origin: 'https://jobs.example.com@evil.example' }],
  ['our name with a path', { origin: 'https://evil.example/https://jobs.example.com' }],
  ['a scheme of an extension', { origin: 'chrome-extension://jobs.example.com' }],
  ['two origins', { origin: `${SITE}, https://evil.example` }],
  ['no address at all', { origin: 'jobs.example.com' }],
  // Headers that proxies add do not count, because a caller may have written them.
  [
    'another site that names our host as forwarded',
    { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  ],
])('a call with a cookie is refused if its origin is %s', async (_, headers) => {
  expect(await refused(headers)).toBe('NOT_PERMITTED')
})

it('a call with an API key is accepted from every origin, because no browser sends a key by itself', async () => {
  expect(await refused({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 'bearer')).toBeNull()
})
