import { expect, test } from 'vitest'
import { isDirect } from './direct-api'

const direct = (url: string, method = 'GET'): boolean => isDirect({ url, method })

test.each([
  '/api/trpc/jobs.list',
  '/api/trpc/jobs.get?input=%7B%7D',
  '/api/trpc/jobs.get,jobs.list?batch=1',
  '/api/artifacts/x/report.pdf',
  '/api/artifacts/x/%2e?y',
])('a request for %s is answered beside Next.js', (url) => {
  expect(direct(url)).toBe(true)
})

test.each([
  '/',
  '/jobs',
  '/api/trpc',
  '/api/trpc/',
  '/api/trpc/?batch=1',
  '/api/trpc/a/b',
  '/api/trpcx/jobs.list',
  '/api/artifacts/x',
  '/api/artifacts/x/y/z',
  '/api/auth/csrf',
  '//api/trpc/jobs.list',
  'http://elsewhere/api/trpc/jobs.list',
])('a request for %s is left to Next.js', (url) => {
  expect(direct(url)).toBe(false)
})

test('a sign-in by password is answered beside Next.js, and whatever else is asked of sign-in is not', () => {
  expect(direct('/api/auth/callback/credentials', 'POST')).toBe(true)
  expect(direct('/api/auth/callback/credentials?x=1', 'POST')).toBe(true)
  expect(direct('/api/auth/callback/credentials')).toBe(false)
  expect(direct('/api/auth/callback/credentials/x', 'POST')).toBe(false)
  expect(direct('/api/auth/callback/oidc', 'POST')).toBe(false)
  expect(direct('/api/auth/signin/oidc', 'POST')).toBe(false)
})
