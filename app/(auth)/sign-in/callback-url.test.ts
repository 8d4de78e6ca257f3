import { describe, expect, it } from 'vitest'
import { safeCallback } from './callback-url'

describe('safeCallback', () => {
  it('keeps paths of this site with their query', () => {
    expect(safeCallback('/jobs?status=FAILED&org=1')).toBe('/jobs?status=FAILED&org=1')
    expect(safeCallback('https://yard.example/jobs', 'https://yard.example')).toBe('/jobs')
  })
  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/.//evil.example', 'javascript:alert(1)', 'http://[', '', null])(
    'does not leave the site: %s',
    (value) => expect(safeCallback(value, 'https://yard.example')).toBe('/'),
  )
  it('does not come back to the sign-in page', () => {
    expect(safeCallback('/sign-in?callbackUrl=/sign-in')).toBe('/')
  })
})
