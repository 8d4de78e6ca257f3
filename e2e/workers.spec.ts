import { Client } from 'pg'
import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { expect, test } from './test'
import { databaseUrl, uniqueWord, withKey, type Job } from './world'

const root = withKey('SYSTEM_ADMIN', null)

/** Makes a job that hangs on a real worker and has reported nothing for three minutes. */
async function hangingJob(organizationId: string): Promise<Job> {
  const word = uniqueWord()
  const job = await root.submit(
    { jobType: 'sample.work', parameters: { mode: 'hang', data: { word } }, priority: 'CRITICAL' },
    organizationId,
  )
  await expect
    .poll(async () => (await root.query<{ items: unknown[] }>('jobs.logs', { jobId: job.id })).data.items.length)
    .toBe(2)
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    await database.query(`UPDATE jobs SET started_at = started_at - interval '3 minutes' WHERE id = $1`, [job.id])
    await database.query(`UPDATE job_logs SET at = at - interval '3 minutes' WHERE job_id = $1`, [job.id])
  } finally {
    await database.end()
  }
  return job
}

for (const { name, look } of WIDTHS)
  test(`task 9 at ${name}: one click from the overview leads to the stuck worker, with its job, the job’s last log line and a button that cancels it`, async ({
    as,
  }) => {
    const organizationId = await freshOrganization()
    const job = await hangingJob(organizationId)
    const page = await as('SYSTEM_ADMIN', look)
    const task = await countingClicks(page, `Task 9 at ${name}`)
    await page.goto(`/?org=${organizationId}`)
    const stuck = page.getByRole('list', { name: 'Jobs that look stuck' }).getByRole('listitem')
    await expect(stuck).toContainText('Hanging, ignoring every signal')
    await stuck.getByRole('link', { name: /^on worker / }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Workers' })).toBeVisible()
    const row = page.getByRole('list', { name: 'Jobs on it that look stuck' }).getByRole('listitem')
    await expect(row).toContainText('It has shown no progress and logged nothing for 3m')
    await expect(row).toContainText('Hanging, ignoring every signal')
    await task.reach(1)

    await expect(row.getByRole('link').first()).toHaveAttribute('href', new RegExp(job.id))
    await row.getByRole('button', { name: /^Cancel / }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
    await expect(row).toHaveCount(0, { timeout: 15_000 })
    await root.until(job.id, 'CANCELED')
  })
