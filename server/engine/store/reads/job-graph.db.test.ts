import { afterEach, describe, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, tester, unique } from '@/testing/engine'
import { deleteJob, submitJobs } from '../../index'
import { jobGraph } from './job-graph'

const { db, world } = await openWorld({ max: 5 })
afterEach(() => clearJobs(db))

const many = (jobs: { ref?: string; dependsOn?: string[] }[]) =>
  submitJobs(db, {
    organizationId: world.organizationId,
    actor: tester,
    jobs: jobs.map((job) => ({ jobType: 'plain', parameters: unique(), ...job })),
  })
const idsOf = async (jobId: string, limit?: number) => (await jobGraph(db, jobId, limit)).jobs.map(({ id }) => id)

describe('the graph of a job', () => {
  test('the graph of a job holds what it waits for and what waits for it through others, the nearest of each side first, and no siblings', async () => {
    const [a, b, c, d, sibling] = (
      await many([
        { ref: 'a' },
        { ref: 'b', dependsOn: ['a'] },
        { ref: 'c', dependsOn: ['b'] },
        { dependsOn: ['c', 'a'] },
        { dependsOn: ['a'] },
      ])
    ).map(({ id }) => id)
    const graph = await jobGraph(db, c!)
    expect(graph.jobs.map(({ id }) => id)).toEqual([c, b, a, d])
    expect(graph.capped).toBe(false)
    expect(graph.edges).toHaveLength(4)
    expect(graph.edges).toContainEqual({ parentId: a, childId: d, on: 'completed' })
    expect(graph.jobs[0]!.job).toMatchObject({ jobType: 'plain', status: 'PENDING', finishedAt: null })
    expect(await idsOf(a!)).toEqual(expect.arrayContaining([sibling]))
    expect(await idsOf(sibling!)).toEqual([sibling, a])
  })

  test('the graph of a job names a deleted parent by its id alone', async () => {
    const claimed = await running(world)
    const parent = claimed.jobId
    const { id } = await submit(world, { dependsOn: [parent] })
    // The child dies with its parent, and still names it when the parent is deleted.
    await finish(world, ends.dead(claimed))
    await deleteJob(db, { jobId: parent, actor: tester, address: null })
    expect((await jobGraph(db, id)).jobs).toMatchObject([{ id }, { id: parent, job: null }])
  })

  test('the graph of a job stops at its limit and says so, with room for both sides', async () => {
    const made = await many([
      ...Array.from({ length: 30 }, (_, n) => ({ ref: `p${n}` })),
      { ref: 'middle', dependsOn: Array.from({ length: 30 }, (_, n) => `p${n}`) },
      ...Array.from({ length: 30 }, () => ({ dependsOn: ['middle'] })),
    ])
    const middle = made[30]!.id
    const graph = await jobGraph(db, middle, 21)
    const children = new Set(made.slice(31).map(({ id }) => id))
    expect(graph.jobs).toHaveLength(21)
    expect(graph.jobs.filter(({ id }) => children.has(id))).toHaveLength(10)
    expect(graph.capped).toBe(true)
    // A job at the end gives all its room to the side that has something.
    expect((await jobGraph(db, made[0]!.id, 31)).jobs).toHaveLength(31)
    expect(await idsOf(middle, 1)).toEqual([middle])
  })

  test('the graph of a chain of a thousand jobs is whole, and read within a second', async () => {
    const made = await many(
      Array.from({ length: 1000 }, (_, n) => ({ ref: `${n}`, ...(n > 0 && { dependsOn: [`${n - 1}`] }) })),
    )
    const from = performance.now()
    const graph = await jobGraph(db, made[500]!.id)
    expect(performance.now() - from).toBeLessThan(1000)
    expect(graph).toMatchObject({ capped: false })
    expect([graph.jobs.length, graph.edges.length]).toEqual([1000, 999])
  })
})
