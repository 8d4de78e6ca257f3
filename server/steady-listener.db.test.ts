import { Client } from 'pg'
import { afterAll, expect, test, vi } from 'vitest'
import { createTestDatabase } from '@/testing/database'
import { openDoor } from '@/testing/door'
import { steadyListener } from './steady-listener'

const database = await createTestDatabase()
const door = await openDoor(database.url)
const sender = new Client({ connectionString: database.url })
await sender.connect()
afterAll(async () => {
  await sender.end()
  await door.close()
  await database.drop()
})

/** A listener behind the door, with what it was told in its order. */
function listen() {
  const told: string[] = []
  const listener = steadyListener({
    databaseUrl: door.url,
    applicationName: 'test-listener',
    channels: ['test_one', 'test_two'],
    onNotification: (channel, payload) => void told.push(`${channel} ${payload}`),
    onListening: () => void told.push('listens'),
    onLost: () => void told.push('lost'),
    probeEveryMs: 200,
  })
  listener.start()
  return { ...listener, told }
}
const toldAll = (told: string[], all: string[]) => vi.waitFor(() => expect(told).toEqual(all), { timeout: 20_000 })
const sessions = async () =>
  (
    await sender.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test-listener'`,
    )
  ).rowCount

test('whoever listens hears each channel, and listens again over one connection after the server has ended the first', async () => {
  const { told, close } = listen()
  await toldAll(told, ['listens'])
  await sender.query(`SELECT pg_notify('test_one', 'a'), pg_notify('test_two', 'b')`)
  await toldAll(told, ['listens', 'test_one a', 'test_two b'])
  await sender.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-listener'`)
  await toldAll(told, ['listens', 'test_one a', 'test_two b', 'lost', 'listens'])
  expect(await sessions()).toBe(1)
  await close()
})

test('a connection on which nothing arrives any more, and that nobody has closed, is given up, and another one listens', async () => {
  const { told, close } = listen()
  await toldAll(told, ['listens'])
  door.freeze()
  await toldAll(told, ['listens', 'lost', 'listens'])
  await sender.query(`NOTIFY test_one, 'after it'`)
  await toldAll(told, ['listens', 'lost', 'listens', 'test_one after it'])
  await close()
})

test('a listener that is closed while its server is away does not connect when the server is back', async () => {
  const { told, close } = listen()
  await toldAll(told, ['listens'])
  door.shut()
  await vi.waitFor(() => expect(told.filter((line) => line === 'lost').length).toBeGreaterThan(1), { timeout: 20_000 })
  await close()
  door.open()
  // Longer than the longest pause before a new connection.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(told.filter((line) => line === 'listens')).toHaveLength(1)
  expect(await sessions()).toBe(0)
})
