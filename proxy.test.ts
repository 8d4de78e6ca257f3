import { NextRequest } from 'next/server'
import { afterEach, expect, it, vi } from 'vitest'
import { contentSecurityPolicy, proxy } from './proxy'

afterEach(() => vi.unstubAllEnvs())

it('a page gets a nonce of its own, and no eval', () => {
  const policies = [1, 2].map(() =>
    proxy(new NextRequest('http://localhost:3000/jobs')).headers.get('content-security-policy')!,
  )
  expect(policies[0]).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic';/)
  expect(policies[0]).not.toBe(policies[1])
  for (const policy of policies) expect(policy).not.toMatch(/unsafe-eval|upgrade-insecure/)
  expect(policies[0]).toContain("frame-ancestors 'none'")
})

it('https is asked for only where there is TLS', () => {
  expect(contentSecurityPolicy('n', true, false)).toContain('upgrade-insecure-requests')
  const behind = new NextRequest('http://localhost:3000/', { headers: { 'x-forwarded-proto': 'https' } })
  expect(proxy(behind).headers.get('content-security-policy')).toContain('upgrade-insecure-requests')
  expect(proxy(behind).headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)

  const plain = () => proxy(new NextRequest('http://localhost:3000/')).headers
  expect(plain().has('strict-transport-security')).toBe(false)
  vi.stubEnv('NEXTAUTH_URL', 'https://jobs.example.com')
  expect(plain().get('strict-transport-security')).toMatch(/^max-age=31536000/)
  expect(plain().get('content-security-policy')).toContain('upgrade-insecure-requests')
})
