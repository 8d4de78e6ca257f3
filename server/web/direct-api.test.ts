import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { isProcedureCall } from './direct-api'

const isDirect = (url: string): boolean => isProcedureCall({ url } as IncomingMessage)

test.each(['/api/trpc/jobs.list', '/api/trpc/jobs.get?input=%7B%7D', '/api/trpc/jobs.get,jobs.list?batch=1'])('%s is answered beside Next.js', (url) => {
  expect(isDirect(url)).toBe(true)
})

test.each(['/', '/jobs', '/api/trpc', '/api/trpc/', '/api/trpc/?batch=1', '/api/trpc/a/b', '/api/trpcx/jobs.list', '/api/auth/csrf', '//api/trpc/jobs.list', 'http://elsewhere/api/trpc/jobs.list'])(
  '%s is left to Next.js',
  (url) => {
    expect(isDirect(url)).toBe(false)
  },
)
