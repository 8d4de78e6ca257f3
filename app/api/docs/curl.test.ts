import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { openApiDocument } from '@/server/api/openapi/document'
import { appRouter } from '@/server/api/root'
import { callOf, curlCall } from './curl'
import { entriesOf } from './entries'

const document = openApiDocument(appRouter, { origin: 'http://localhost:3000', version: '1.0.0' })

/** The arguments that a shell reads from a curl call. The call is not made. */
const argumentsOf = (call: string) =>
  execFileSync('sh', ['-c', `curl() { for a in "$@"; do printf '%s\\n' "$a"; done; }; ${call}`], {
    env: { ...process.env, URL: 'http://x', KEY: 'jy', TOKEN: 'of an attempt' },
    encoding: 'utf8',
  })
    .trimEnd()
    .split('\n')

it('the curl line of a query has its input in the address', () => {
  expect(argumentsOf(curlCall({ path: '/api/trpc/jobs.get', method: 'GET', example: { jobId: 'a b' } }))).toEqual([
    '-G',
    'http://x/api/trpc/jobs.get',
    '-H',
    'Authorization: Bearer jy',
    '--data-urlencode',
    'input={"jobId":"a b"}',
  ])
  expect(argumentsOf(curlCall({ path: '/api/trpc/session.me', method: 'GET' }))).toEqual([
    'http://x/api/trpc/session.me',
    '-H',
    'Authorization: Bearer jy',
  ])
})

it('the curl line of a mutation has its input as the body, quoted for the shell', () => {
  expect(
    argumentsOf(
      curlCall({ path: '/p', method: 'POST', body: 'application/json', example: { text: `it's $HOME "\\` } }),
    ).slice(-4),
  ).toEqual(['-H', 'Content-Type: application/json', '-d', JSON.stringify({ text: `it's $HOME "\\` })])
})

it('the curl line of a stream shows each event at once, and each line has the key that its call needs, or none', () => {
  expect(argumentsOf(curlCall({ path: '/p', method: 'GET', streams: true, example: { a: 1 } }))[0]).toBe('-N')
  expect(argumentsOf(curlCall({ path: '/p', method: 'GET', bearer: null }))).toEqual(['http://x/p'])
  expect(argumentsOf(curlCall({ path: '/p', method: 'GET', bearer: 'TOKEN' }))).toEqual([
    'http://x/p',
    '-H',
    'Authorization: Bearer of an attempt',
  ])
})

it('each entry of the reference has the method of its address, and a call of that method without a gap to fill in', () => {
  const wrong = entriesOf(document).flatMap((entry) => {
    const { id, path, method } = entry
    const args = argumentsOf(callOf(entry))
    const named = args[args.indexOf('-X') + 1]
    const sends = args.includes('-d') || args.includes('--data-binary')
    const called = args.includes('-X') ? named : sends ? 'POST' : 'GET'
    const address = args.find((each) => each.startsWith('http://x/'))!
    if (document.paths[path]?.[method.toLowerCase()]?.operationId !== id.replaceAll('.', '_')) return `${id}: ${method}`
    return called === method && !/[{}]/.test(address) ? [] : [`${id}: ${args.join(' ')}`]
  })
  expect(wrong).toEqual([])
})

it('the reference calls uploads with their method, address, headers and body', () => {
  const call = (id: string) => argumentsOf(callOf(entriesOf(document).find((entry) => entry.id === id)!))
  const key = ['-H', 'Authorization: Bearer jy']
  const organizationId = expect.stringMatching(
    /^http:\/\/x\/api\/uploads\?organizationId=[\da-f-]{36}&name=people\.csv$/,
  ) as string
  const one = expect.stringMatching(/^http:\/\/x\/api\/uploads\/[\da-f-]{36}$/) as string
  const file = ['--data-binary', '@people.csv']
  expect(call('uploads.post')).toEqual([organizationId, ...key, '-H', 'Content-Type: text/csv', ...file])
  expect(call('uploads.get')).toEqual([one, ...key])
  expect(call('uploads.patch')).toEqual([
    '-X',
    'PATCH',
    one,
    ...key,
    '-H',
    'Upload-Offset: 0',
    '-H',
    'Content-Type: application/offset+octet-stream',
    ...file,
  ])
  expect(call('uploads.delete')).toEqual(['-X', 'DELETE', one, ...key])
})
