import { describe, expect, it } from 'vitest'
import type { Job } from '@/app/_trpc/types'
import { NOTHING, refreshed, ticked } from './use-selection'

const job = (id: string) => ({ id }) as Job
const page = [job('a'), job('b'), job('c')]
const ids = (selection: ReturnType<typeof ticked>) => [...selection.jobs.keys()]

describe('ticking', () => {
  it('ticking a job twice selects it once, and unticking removes it', () => {
    const some = ticked(ticked(NOTHING, [page[0]!, page[1]!], true, page), [page[1]!, page[2]!], true, page)
    expect(ids(some)).toEqual(['a', 'b', 'c'])
    expect(ids(ticked(some, [page[1]!], false, page))).toEqual(['a', 'c'])
  })

  it('jobs that were ticked on another page stay selected', () => {
    const some = ticked(NOTHING, [job('elsewhere')], true, page)
    expect(ids(ticked(some, page, true, page))).toEqual(['elsewhere', 'a', 'b', 'c'])
  })

  it('a selected job that is visible has its present status', () => {
    const running = { ...job('a'), status: 'RUNNING' } as Job
    const done = { ...job('a'), status: 'COMPLETED' } as Job
    const some = ticked(NOTHING, [running, job('elsewhere')], true, page)
    const now = refreshed(some, [done, job('b')])
    expect(now.jobs.get('a')).toBe(done)
    expect(ids(now)).toEqual(['a', 'elsewhere'])
  })

  it('unticking one job of “all that match” leaves the other jobs of the page selected', () => {
    const rest = ticked({ jobs: new Map(), all: true }, [page[0]!], false, page)
    expect(rest.all).toBe(false)
    expect(ids(rest)).toEqual(['b', 'c'])
  })
})
