import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { isDirect } from './direct-api'

const direct = (url: string): boolean => isDirect({ url } as IncomingMessage)

test.each([
  '/api/trpc/jobs.list',
  '/api/trpc/jobs.get?input=%7B%7D',
  '/api/trpc/jobs.get,jobs.list?batch=1',
  '/api/artifacts/x/report.pdf',
  '/api/artifacts/x/%2e?y',
])('%s is answered beside Next.js', (url) => {
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
])('%s is left to Next.js', (url) => {
  expect(direct(url)).toBe(false)
})
