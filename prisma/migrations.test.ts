import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { longLocks } from './long-locks'

/** From this migration on, each says whether the release before it still runs on the new schema. */
const FIRST = '20261129027000_deployment'
const folder = path.join(import.meta.dirname, 'migrations')
const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'migration.sql')))
const later = names.filter((name) => name >= FIRST)

test('the tests of migrations find migrations to look at', () => expect(later).toContain(FIRST))

test.each(later)('the migration %s says in its first line whether the release before it still runs', (name) => {
  const [first = ''] = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8').split('\n')
  // `expand` stands alone. After `contract:` follows what of the release before it no longer works.
  expect(first).toMatch(/^-- (?:expand|contract: .{10,})$/)
})

test.each(later)('the migration %s keeps nobody from a big table for long', (name) => {
  const read = (one: string) => readFileSync(path.join(folder, one, 'migration.sql'), 'utf8')
  expect(longLocks(read(name), names.filter((other) => other < name).map(read))).toEqual([])
})
