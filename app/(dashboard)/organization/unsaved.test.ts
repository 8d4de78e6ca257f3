import { expect, test } from 'vitest'
import { unsaved } from './unsaved'

test('what was typed while a name was being saved stays, and what was saved is forgotten', () => {
  expect(unsaved({ name: ' Acme ', slug: 'acme-2' }, { name: 'Acme' })).toEqual({ slug: 'acme-2' })
  expect(unsaved({ name: 'Acme Two' }, { name: 'Acme' })).toEqual({ name: 'Acme Two' })
  expect(unsaved({ slug: 'acme' }, { slug: 'acme' })).toEqual({})
})
