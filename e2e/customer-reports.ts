import { expect } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

const api = withKey('ADMIN')

/** Submits reports for one customer that wait until tomorrow. Returns their ids. */
export async function reports(count: number, customer: string): Promise<string[]> {
  const runAt = new Date(Date.now() + 86_400_000).toISOString()
  // `each` differs in every job, so that none is a duplicate of another, also where a test asks twice for one customer.
  const jobs = Array.from({ length: count }, (_, n) => ({
    jobType: 'sample.work',
    parameters: { data: { customer, n, each: uniqueWord() } },
    runAt,
  }))
  const { data, error } = await api.mutate<{ jobs: Job[] }>('jobs.submitMany', { organizationId: home, jobs })
  expect(error).toBeUndefined()
  return data.jobs.map(({ id }) => id)
}

/** How many of a customer's reports have this status. */
export const countOf = async (customer: string, status: string) =>
  (await api.query<{ count: number }>('jobs.count', { organizationId: home, search: customer, status: [status] })).data
    .count
