import { describe, expect, it } from 'vitest'
import { safeCallback } from './callback-url'

describe('safeCallback', () => {
  it('a sign-in returns to a path of this site, with its query', () => {
    expect(safeCallback('/jobs?status=FAILED&org=1')).toBe('/jobs?status=FAILED&org=1')
    expect(safeCallback('https://yard.example/jobs', 'https://yard.example')).toBe('/jobs')
  })
  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/\t/evil.example',
    '/%2f%2fevil.example',
    '/%5cevil.example',
    'https:evil.example',
    'https://yard.example@evil.example/',
    'https://a:b@yard.example/jobs',
    'https://yard.example.evil.example/',
    'http://yard.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://[',
    'http://',
    'http://localhost:4310x',
    '/%',
    '/%E0%A4%A',
    '/%00',
    'jobs',
    '?x',
    '#x',
    ' /jobs',
    '',
    '/' + 'x'.repeat(3_000),
    null,
    undefined,
    7,
    {},
    ['/jobs'],
    ['/jobs', '//evil.example'],
    '/api/auth/signout',
    '/api',
    '/API/trpc/x',
    '/%61pi/auth/signout',
    '/_next/static/x.js',
    '/sign-in',
    '/sign-in/',
    '/sign-in?callbackUrl=/jobs',
  ])('a sign-in returns to the overview instead of %j', (value) => {
    expect(safeCallback(value, 'https://yard.example')).toBe('/')
  })
  it('a sign-in returns to pages whose names begin like forbidden ones, and to one with another site in its query', () => {
    for (const path of ['/sign-ins', '/apiary', '/api/docs', '/api/docs#jobs', '/jobs?next=//evil.example'])
      expect(safeCallback(path)).toBe(path)
  })
})
