import { createServer } from 'node:http'
import { afterAll, expect, test } from 'vitest'
import { listen } from '@/testing/api-server'
import { followCalls, type OutgoingCall } from './outgoing-calls'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const service = createServer((_, response) => response.end('{}'))
const url = await listen(service)
afterAll(() => service.close())

test('a call whose path begins with two slashes is told with its address and does not end the worker', async () => {
  const told: OutgoingCall[] = []
  await followCalls(
    TRACE,
    (call) => told.push(call),
    async () => {
      for (const path of ['//', '//a b', '///x?secret=1', '/plain']) await (await fetch(url + path)).text()
    },
  )
  expect(told.map((call) => call.url.replace(url, ''))).toEqual(['//', '//a%20b', '///x', '/plain'])
})
