import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { alertDeliveries } from '@/server/engine'
import { makeRule } from '@/testing/alerts'
import { listen } from '@/testing/api-server'
import { createStage, within, type Stage } from './stage.fixture'

// Real worker processes, of which one leads, and a real receiver.

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

test('a circuit that opens is told once by the workers themselves, also when the one that leads is killed', async () => {
  const { db, world } = stage
  const id = await makeRule(world, { name: 'Circuits', targets: [{ type: 'webhook', url }] })
  const workers = [1, 2].map(() => stage.start(undefined, { HTTP_REQUEST_ALLOW: '127.0.0.1' }))
  const open = (jobType: string) => db.$executeRaw`
    INSERT INTO circuits (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
    VALUES (${jobType}, ${world.organizationId}::uuid, 'OPEN', 8, 10, clock_timestamp(), '-infinity')`
  const lookSoon = () => db.$executeRaw`UPDATE alert_rules SET look_at = clock_timestamp()`
  await open('first')
  await lookSoon()
  await vi.waitFor(() => expect(said).toHaveLength(1), within(30))
  await stage.kill(workers[0]!)
  await open('second')
  await lookSoon()
  await vi.waitFor(() => expect(said).toHaveLength(2), within(40))
  expect(said.map(({ title }) => title)).toEqual(['Firing: Circuits (first)', 'Firing: Circuits (second)'])
  await vi.waitFor(async () => {
    const { items } = await alertDeliveries(db, { ruleId: id, limit: 10 })
    expect(items.map(({ state }) => state)).toEqual(['SENT', 'SENT'])
  }, within(20))
})
