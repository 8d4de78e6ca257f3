import { expect, test } from 'vitest'
import { openWorld, tester } from '@/testing/engine'
import { jobType } from '../../domain/job-type-config'
import {
  changeJobType,
  createMissingJobTypes,
  followShippedSchemas,
  getJobType,
  listJobTypeVersions,
} from '../../index'

const { db } = await openWorld({ max: 2 })
const schema = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
})
const shipped = (name: string, ...fields: string[]) =>
  jobType({
    name,
    displayName: 'Shipped',
    description: 'As it came.',
    handler: 'sample.noop',
    parameterSchema: schema(...fields),
  })
const install = (name: string) => createMissingJobTypes(db, [shipped(name, 'a')], () => 'INLINE')
const read = (name: string) => getJobType(db, name)
const by = { actor: tester, address: null }

test('a shipped job type gets the schema of a newer version, once, and says who changed it', async () => {
  await install('shipped.plain')
  await followShippedSchemas(db, [shipped('shipped.plain', 'a', 'b'), shipped('shipped.absent', 'a')])
  await followShippedSchemas(db, [shipped('shipped.plain', 'a', 'b')])
  expect(await read('shipped.plain')).toMatchObject({ version: 2, parameterSchema: schema('a', 'b') })
  const versions = await listJobTypeVersions(db, { name: 'shipped.plain', limit: 10 })
  expect(versions.items[0]?.createdBy).toMatchObject({ type: 'system', name: 'seed' })
  await followShippedSchemas(db, [shipped('shipped.plain', 'a', 'b', 'c')])
  expect(await read('shipped.plain')).toMatchObject({ version: 3, parameterSchema: schema('a', 'b', 'c') })
})

test('a shipped job type whose schema an administrator changed stays as the administrator left it', async () => {
  await install('shipped.changed')
  await changeJobType(db, { ...by, name: 'shipped.changed', changes: { parameterSchema: schema('mine') } })
  await followShippedSchemas(db, [shipped('shipped.changed', 'a', 'b')])
  expect(await read('shipped.changed')).toMatchObject({ version: 2, parameterSchema: schema('mine') })
})

test('other settings that an administrator changed stay when the schema is extended', async () => {
  await install('shipped.settings')
  await changeJobType(db, { ...by, name: 'shipped.settings', changes: { timeoutSeconds: 77 } })
  await followShippedSchemas(db, [shipped('shipped.settings', 'a', 'b')])
  expect(await read('shipped.settings')).toMatchObject({
    version: 3,
    timeoutSeconds: 77,
    parameterSchema: schema('a', 'b'),
  })
})
