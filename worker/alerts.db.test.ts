import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { alertDeliveries } from '@/server/engine'
import { makeRule } from '@/testing/alerts'
import { listen } from '@/testing/api-server'
import { createStage, within, type Stage } from './stage.fixture'

// Real worker processes, of which one leads, and a real receiver. At length (npm run test:long) there are two, and the
// first, which most likely leads, is killed between two messages.
const LONG = process.env.LONG === '1'

interface Said {
  title: string
  id: string
}
let stage: Stage
let url: string
const said: Said[] = []
const receiver = createServer(
  (request, response) =>
    void text(request).then((body) => {
      said.push(JSON.parse(body) as Said)
      response.end()
    }),
)
beforeAll(async () => {
  stage = await createStage()
  url = await listen(receiver)
})
afterAll(async () => {
  receiver.close()
  await stage?.close()
})

test('a circuit that opens is told once by the workers themselves', async () => {
  const { db, world } = stage
  const id = await makeRule(world, { name: 'Circuits', targets: [{ type: 'webhook', url }] })
  const workers = (LONG ? [1, 2] : [1]).map(() => stage.start(undefined, { HTTP_REQUEST_ALLOW: '127.0.0.1' }))
  const open = (jobType: string) => db.$executeRaw`
    INSERT INTO circuits (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
    VALUES (${jobType}, ${world.organizationId}::uuid, 'OPEN', 8, 10, clock_timestamp(), '-infinity')`
  const lookSoon = () => db.$executeRaw`UPDATE alert_rules SET look_at = clock_timestamp()`
  await open('first')
  await lookSoon()
  // The test waits until a worker has written that the message arrived. One that was killed before that would let the
  // message be sent again, with the same id.
  const sent = (count: number) =>
    vi.waitFor(async () => {
      const { items } = await alertDeliveries(db, { ruleId: id, limit: 10 })
      expect(items.map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'SENT'))
    }, within(40))
  await sent(1)
  if (LONG) await stage.kill(workers[0]!)
  await open('second')
  await lookSoon()
  await sent(2)
  expect(said.map(({ title }) => title)).toEqual(['Firing: Circuits (first)', 'Firing: Circuits (second)'])
})
