import { createTRPCUntypedClient } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { observable } from '@trpc/server/observable'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { earlyAnswersLink, earlyScript, type Question } from './early-answers'

const LIST: Question = { path: 'jobs.list', input: { status: ['FAILED'], limit: 50 } }
const ME: Question = { path: 'session.me', input: undefined }

const { router, procedure } = initTRPC.create()
const server = router({
  session: { me: procedure.query(() => ({ id: 'me' })) },
  jobs: { list: procedure.input(z.looseObject({})).query(({ input }) => ({ items: [input.status] })) },
})
const answer = (url: string, init: RequestInit) =>
  fetchRequestHandler({
    router: server,
    endpoint: '/api/trpc',
    req: new Request(new URL(url, 'http://localhost'), init),
  })

/** The addresses that were asked. */
let asked: string[]
const later = vi.fn()

beforeEach(() => {
  asked = []
  later.mockReset()
  vi.stubGlobal('window', {})
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push(url)
    return answer(url, init)
  })
})
afterEach(() => vi.unstubAllGlobals())

/** Runs the script that asks these questions, as the browser does. */
const ask = (...questions: Question[]) => new Function(earlyScript(questions))()

/** A client on a page with this script. The questions that get no early answer are counted by `later`. */
function clientOf(...questions: Question[]) {
  ask(...questions)
  return clientWith(earlyAnswersLink())
}

function clientWith(link: ReturnType<typeof earlyAnswersLink>) {
  return createTRPCUntypedClient({
    links: [
      link as never,
      () =>
        ({ op }) =>
          observable((observer) => {
            later(op.path, op.input)
            observer.next({ result: { type: 'data', data: 'asked later' } })
            observer.complete()
          }),
    ],
  })
}

test('a page that asks what its script has asked gets that answer once, and asks by itself from then on', async () => {
  const client = clientOf(ME, LIST)
  expect(asked).toEqual([expect.stringContaining('/api/trpc/session.me,jobs.list?')])
  // The members of an input may stand in another order than in the script.
  expect(await client.query('jobs.list', { limit: 50, status: ['FAILED'] })).toEqual({ items: [['FAILED']] })
  expect(await client.query('session.me')).toEqual({ id: 'me' })
  expect(later).not.toHaveBeenCalled()
  expect(await client.query('session.me')).toBe('asked later')
  expect(await client.query('jobs.list', { limit: 50, status: ['COMPLETED'] })).toBe('asked later')
  expect(later).toHaveBeenCalledTimes(2)
})

test('a page whose early question failed asks again', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no connection')))
  expect(await clientOf(LIST).query('jobs.list', LIST.input)).toBe('asked later')
})

test('a page whose own script comes long after the early one gets a new answer', async () => {
  ask(LIST)
  // Longer than FRESH_MS, which is 10 s.
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 11_000)
  expect(await clientWith(earlyAnswersLink()).query('jobs.list', LIST.input)).toBe('asked later')
  vi.restoreAllMocks()
})

test('a client gets the early answers though React threw a link away before, and also those of a script that comes later', async () => {
  ask(ME)
  // React may make a link and throw it away.
  earlyAnswersLink()
  const client = clientWith(earlyAnswersLink())
  expect(await client.query('session.me')).toEqual({ id: 'me' })
  ask(LIST)
  expect(await client.query('jobs.list', LIST.input)).toEqual({ items: [['FAILED']] })
  expect(later).not.toHaveBeenCalled()
})

test('an input cannot end the script that holds it', () => {
  expect(earlyScript([{ path: 'jobs.list', input: { search: '</script><script>alert(1)' } }])).not.toContain('<')
})
