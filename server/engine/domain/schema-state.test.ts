import { expect, test } from 'vitest'
import { schemaState } from './schema-state.mjs'

const own = ['1_init', '2_more']

test('a database with the same migrations is current', () => {
  expect(schemaState({ own, applied: ['2_more', '1_init'], expanding: [] })).toMatchObject({
    state: 'current',
    serves: true,
  })
})

test('a database that lacks a migration is older, and the line says which and how to mend it', () => {
  expect(schemaState({ own, applied: ['1_init'], expanding: [] })).toEqual({
    state: 'older',
    serves: false,
    message:
      'The database is older than this version of Jobyard: it lacks the migration 2_more. Run `npm run db:migrate`.',
  })
  expect(schemaState({ own, applied: [], expanding: [] }).message).toContain('no tables of Jobyard yet')
})

test('a database with a migration that this version does not bring is newer, and is not served', () => {
  const state = schemaState({ own, applied: [...own, '3_a', '4_b'], expanding: ['4_b'] })
  expect(state).toMatchObject({ state: 'newer', serves: false })
  expect(state.message).toContain('3_a and 1 more')
  expect(state.message).toContain('Start the newer version')
})

test('a newer database whose unknown migrations only expand it is served by the version before', () => {
  expect(schemaState({ own, applied: [...own, '3_a'], expanding: ['3_a'] })).toMatchObject({
    state: 'newer',
    serves: true,
  })
  // It also lacks one of ours, so it belongs to neither version.
  expect(schemaState({ own, applied: ['1_init', '3_a'], expanding: ['3_a'] }).serves).toBe(false)
})
