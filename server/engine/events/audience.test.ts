import { expect, it } from 'vitest'
import { EventAudience, type Listener } from './audience'

it('an event is told to those who listen to its job or organization, and to nobody who has left', () => {
  const audience = new EventAudience<Listener & { name: string }>()
  const all = { name: 'all', organizationId: 'acme', jobId: undefined }
  const one = { name: 'one', organizationId: 'acme', jobId: 'job 1' }
  const other = { name: 'other', organizationId: 'acme', jobId: 'job 2' }
  const foreign = { name: 'foreign', organizationId: 'globex', jobId: undefined }
  for (const listener of [all, one, other, foreign]) audience.add(listener)
  const told = (organizationId: string, jobId: string) => {
    const names: string[] = []
    audience.forEach({ organizationId, jobId }, ({ name }) => names.push(name))
    return names
  }
  expect(told('acme', 'job 1')).toEqual(['all', 'one'])
  expect(told('acme', 'job 3')).toEqual(['all'])
  expect(told('globex', 'job 1')).toEqual(['foreign'])
  expect(told('initech', 'job 1')).toEqual([])
  expect([audience.size, audience.organizationIds()]).toEqual([4, ['acme', 'globex']])

  audience.remove(one)
  audience.remove(one)
  audience.remove(foreign)
  expect(told('acme', 'job 1')).toEqual(['all'])
  expect([audience.size, audience.organizationIds()]).toEqual([2, ['acme']])
  audience.remove(all)
  expect(told('acme', 'job 2')).toEqual(['other'])
  audience.remove(other)
  expect([audience.size, audience.organizationIds()]).toEqual([0, []])
})
