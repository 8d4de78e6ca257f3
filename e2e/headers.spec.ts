import { expect, test } from './test'
import { uniqueWord, withKey } from './world'

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': expect.stringContaining('camera=()'),
  'referrer-policy': expect.stringMatching(/^(?:strict-origin-when-cross-origin|no-referrer)$/),
  'content-security-policy': expect.any(String),
}

test('pages, API, sign-in, artifacts and static files have their headers, and HSTS when the request came by TLS', async ({
  request,
}) => {
  const api = withKey('OPERATOR')
  const report = await api.submit({ jobType: 'export.jobs', parameters: { search: uniqueWord() }, dedupe: false })
  const { artifacts } = await api.until(report.id, 'COMPLETED')
  const html = await (await request.get('/sign-in')).text()
  const script = /\/_next\/static\/[^"]+\.js/.exec(html)![0]
  // Addresses that are nearly those of files or of the API. A rule for a prefix could take them for these.
  const strange = [
    '/icon.svgfoo',
    '/icon.svg/x',
    '/_next/staticx',
    '/_next/static',
    '/_next/static/',
    '/_next/static/nothing.js',
    '/_next/imagex',
    '/_next/image',
    '/favicon.ico',
    '/favicon.icox',
    '/api',
    '/api/',
    '/API/x',
    '/jobs/',
  ]
  const paths = [
    '/icon.svg',
    ...strange,
    '/sign-in',
    '/jobs',
    '/no-such-page',
    '/invite/unknown',
    '/api/trpc/session.me',
    '/api/auth/csrf',
    '/api/auth/nothing',
    '/api/nothing',
    '/api/health/live',
    artifacts[0]!.url,
    script,
  ]
  for (const path of paths) {
    const { authorization } = api.headers
    const plain = await request.get(path, {
      headers: path.startsWith('/api/artifacts') ? { authorization: authorization! } : {},
      maxRedirects: 0,
    })
    expect(plain.headers(), path).toMatchObject(EVERYWHERE)
    // An address that is no file of ours gives a page with the policy of pages. That policy lets the page's own scripts
    // and styles work.
    if (/text\/html/.test(plain.headers()['content-type'] ?? ''))
      expect(plain.headers()['content-security-policy'], path).toMatch(/script-src 'self' 'nonce-/)
    expect(plain.headers(), path).not.toHaveProperty('strict-transport-security')
    const behindTls = await request.get(path, { headers: { 'x-forwarded-proto': 'https' }, maxRedirects: 0 })
    expect(behindTls.headers()['strict-transport-security'], path).toMatch(/^max-age=31536000/)
  }
  expect((await request.get(script)).headers()['cache-control']).toBe('public, max-age=31536000, immutable')
  expect((await request.get('/invite/unknown')).headers()['referrer-policy']).toBe('no-referrer')
  expect(
    (await request.get(artifacts[0]!.url, { headers: { authorization: api.headers.authorization! } })).headers()[
      'content-security-policy'
    ],
  ).toContain('sandbox')
})

test('the answer says that a connection stays open for longer than load balancers keep theirs', async ({ request }) => {
  for (const path of ['/api/health/live', '/api/trpc/session.me', '/sign-in']) {
    const answer = await request.get(path, { headers: { connection: 'keep-alive' } })
    expect(answer.headers()['keep-alive'], path).toBe('timeout=75')
  }
})
