import { expect, test } from 'vitest'
import { merged, withoutOrganizations } from './held-stretches'

const stretch = (above: string, bottom: string, lanes = 10) => ({ above, bottom, lanes })

test('stretches that touch or overlap become one, and those with a gap between them do not', () => {
  expect(merged([stretch('4', '2'), stretch('9', '7'), stretch('7', '5'), stretch('8', '6')])).toEqual([
    stretch('9', '5', 30),
    stretch('4', '2'),
  ])
})

test('a stretch that lies in another adds nothing to it', () => {
  expect(merged([stretch('5', '4'), stretch('9', '2')])).toEqual([stretch('9', '2')])
})

test('a stretch is dropped when an organization lies in it: `bottom` belongs to it, `above` does not', () => {
  const all = [stretch('9', '7'), stretch('5', '3')]
  expect(withoutOrganizations(all, ['9', '6', '5'])).toEqual(all)
  expect(withoutOrganizations(all, ['7'])).toEqual([all[1]])
  expect(withoutOrganizations(all, ['8', '4'])).toEqual([])
})
