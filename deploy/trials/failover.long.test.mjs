import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openSwitch } from './address-switch.mjs'
import { install } from './installation.mjs'
import { audit, startLoad } from './load.mjs'
import { startPair } from './postgres-pair.mjs'

/** @type {(() => Promise<unknown>)[]} */
let endings = []
afterEach(async () => {
  for (const end of endings.reverse()) await end()
  endings = []
})

// The primary is lost under load, and a standby that is synchronous takes over behind the same address. Its processes are
// killed in both cases. In the second, the network has swallowed everything before, so no client hears of it.
test.each([
  ['is killed', /** @param {Awaited<ReturnType<typeof openSwitch>>} _ */ async (_) => {}],
  ['is cut off by a network that swallows packets', async (address) => address.swallow()],
])('a primary that %s loses no accepted job and doubles none', async (how, cut) => {
  const folder = path.join(process.env.TEST_FOLDER ?? '', `failover-${how.split(' ')[1]}`)
  const pair = await startPair(folder, { synchronous: true })
  endings.push(pair.stop)
  const address = await openSwitch(pair.url)
  endings.push(address.close)
  const data = path.join(process.env.TEST_FOLDER ?? '', `${path.basename(folder)}-data`)
  mkdirSync(data)
  const jobyard = await install({ clone: process.env.TEST_CLONE ?? '', databaseUrl: address.url, folder: data })
  endings.push(jobyard.stop)
  const webs = [await jobyard.web(), await jobyard.web()]
  await jobyard.worker('worker-1')
  await jobyard.worker('worker-2')
  const { id: organizationId } = await jobyard.call(webs[0]?.url ?? '', 'organizations.create', {
    name: 'Acme',
    slug: 'acme',
  })
  const load = startLoad({ urls: webs.map(({ url }) => url), key: jobyard.key, organizationId })
  await sleep(10_000)
  const before = load.accepted.size
  expect(before).toBeGreaterThan(20)

  const since = performance.now()
  await cut(address)
  await pair.losePrimary()
  await sleep(3_000) // What a cluster manager needs to be sure.
  await pair.promote()
  address.leadTo(pair.standbyUrl)
  await sleep(90_000) // Time in which every process must have found the new primary and gone on.
  const stood = load.stood(since)
  await load.stop()
  const result = await audit(pair.standbyUrl, load.accepted)
  process.stdout.write(
    `primary ${how}: ${JSON.stringify({ ...result, before, stoodSeconds: Number(stood.toFixed(1)) })}\n`,
  )
  expect(result).toMatchObject({ lost: 0, doubled: 0, stuck: 0 })
  expect(result.accepted).toBeGreaterThan(before)
})
