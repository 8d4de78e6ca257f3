import { describe, expect, it } from 'vitest'
import { proceduresOf } from './openapi/procedures'
import { appRouter } from './root'

describe.each(proceduresOf(appRouter))('the procedure $path', ({ meta, input, output }) => {
  it('the documentation of $path has a summary without a full stop, a description with one, and no refusal twice', () => {
    expect(meta?.summary).toMatch(/^[A-Z][^\n]*[^.\s]$/)
    expect(meta?.description).toMatch(/\S.*[.]$/)
    expect(new Set(meta?.refuses).size).toBe(meta?.refuses?.length ?? 0)
  })

  it('the example of $path is an input that it accepts, unless it takes none', () => {
    if (!input) return expect(meta?.example).toBeUndefined()
    expect(meta?.example).toBeDefined()
    expect(input.safeParse(JSON.parse(JSON.stringify(meta?.example))).error).toBeUndefined()
  })

  it('the documentation of $path describes its answer', () => expect(output).toBeDefined())
})
