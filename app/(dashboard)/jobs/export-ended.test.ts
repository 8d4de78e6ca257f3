import { expect, test } from 'vitest'
import { whyNoFile } from './export-ended'

const error = { message: 'The disk is full', class: 'TRANSIENT' as const, fingerprint: 'f' }

test('who exports jobs of an organization that is suspended meanwhile reads that the file is withheld, and not that it was canceled', () => {
  expect(whyNoFile({ status: 'COMPLETED', error: null, withheld: true })).toBe(
    'The file is written, and withheld while the organization is suspended.',
  )
})

test('an export that was canceled after a failed attempt is called canceled, and one that failed tells its error', () => {
  expect(whyNoFile({ status: 'CANCELED', error, withheld: false })).toBe(
    'The export was canceled, so there is no file.',
  )
  expect(whyNoFile({ status: 'DEAD_LETTER', error, withheld: false })).toBe(
    'The export ended without a file: The disk is full',
  )
})
