import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { curlCall } from './curl'

/** The arguments that a shell reads from a curl call. The call is not made. */
const argumentsOf = (call: string) =>
  execFileSync('sh', ['-c', `curl() { for a in "$@"; do printf '%s\\n' "$a"; done; }; ${call}`], {
    env: { ...process.env, URL: 'http://x', KEY: 'jy', TOKEN: 'of an attempt' },
    encoding: 'utf8',
  })
    .trimEnd()
    .split('\n')

it('the curl line of a query has its input in the address', () => {
  expect(argumentsOf(curlCall({ path: '/api/trpc/jobs.get', kind: 'query', example: { jobId: 'a b' } }))).toEqual([
    '-G',
    'http://x/api/trpc/jobs.get',
    '-H',
    'Authorization: Bearer jy',
    '--data-urlencode',
    'input={"jobId":"a b"}',
  ])
  expect(argumentsOf(curlCall({ path: '/api/trpc/session.me', kind: 'query', example: undefined }))).toEqual([
    'http://x/api/trpc/session.me',
    '-H',
    'Authorization: Bearer jy',
  ])
})

it('the curl line of a mutation has its input as the body, quoted for the shell', () => {
  expect(
    argumentsOf(curlCall({ path: '/p', kind: 'mutation', example: { text: `it's $HOME "\\` } })).slice(-4),
  ).toEqual(['-H', 'Content-Type: application/json', '-d', JSON.stringify({ text: `it's $HOME "\\` })])
})

it('the curl line of a stream shows each event at once, and each line has the key that its call needs, or none', () => {
  expect(argumentsOf(curlCall({ path: '/p', kind: 'subscription', example: { a: 1 } }))[0]).toBe('-N')
  expect(argumentsOf(curlCall({ path: '/p', kind: 'query', example: undefined, bearer: null }))).toEqual(['http://x/p'])
  expect(argumentsOf(curlCall({ path: '/p', kind: 'query', example: undefined, bearer: 'TOKEN' }))).toEqual([
    'http://x/p',
    '-H',
    'Authorization: Bearer of an attempt',
  ])
})
