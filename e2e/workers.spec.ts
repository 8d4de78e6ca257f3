import { Client } from 'pg'
import { countingClicks, WIDTHS } from './clicks'
import { freshOrganization } from './incident'
import { faultsOf } from './axe'
import { startOwnWorker } from './own-worker'
import { settled } from './screens'
import { expect, test } from './test'
import { databaseUrl, uniqueWord, withKey, type Job } from './world'

const root = withKey('SYSTEM_ADMIN', null)

/**
 * Makes a job that hangs on a real worker and has reported nothing for three minutes. It looks stuck after two, as the
 * runs of its type are shorter than that.
 */
async function hangingJob(organizationId: string): Promise<Job> {
  const word = uniqueWord()
  const job = await root.submit(
    { jobType: 'sample.work', parameters: { mode: 'hang', data: { word } }, priority: 'CRITICAL' },
    organizationId,
  )
  // Its second line, “Hanging, ignoring every signal”, is the last that it logs.
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

test('the dialog that cancels a stuck job stays open when the job ends meanwhile, and says what became of it @long', async ({
  as,
}) => {
  const organizationId = await freshOrganization()
  const job = await hangingJob(organizationId)
  const places = [
    { path: `/?org=${organizationId}`, rows: 'Jobs that look stuck' },
    { path: `/workers?org=${organizationId}`, rows: 'Jobs on it that look stuck' },
    { path: `/jobs/${job.id}`, rows: null },
  ]
  const dialogs = []
  for (const { path, rows } of places) {
    const page = await as('SYSTEM_ADMIN')
    await page.goto(path)
    // The open dialog hides the page behind it from screen readers, and a row in it must be found all the same.
    const all = { includeHidden: true }
    const list = rows
      ? page.getByRole('list', { name: rows, ...all })
      : page.getByRole('region', { name: 'Looks stuck', ...all })
    const row = list.getByRole('listitem', all).filter({ hasText: 'Hanging, ignoring every signal' })
    await row.getByRole('button', { name: /^Cancel / }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('Its handler gets the signal to stop')
    await expect(row).toHaveCount(1)
    dialogs.push({ path, dialog, row })
  }
  await root.mutate('jobs.cancel', { jobId: job.id })
  await root.until(job.id, 'CANCELED')
  for (const { path, dialog, row } of dialogs) {
    await expect(row, path).toHaveCount(0, { timeout: 15_000 })
    await expect(dialog, path).toContainText('It was canceled meanwhile')
    await expect(dialog.getByRole('button', { name: 'Cancel job' }), path).toHaveAttribute('aria-disabled', 'true')
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
    await expect(dialog, path).toHaveCount(0)
  }
})

test(
  'a system admin sees the pools and their workers, a handler file that does not run, and what differs from a handler’s file',
  { tag: ['@alone', '@long'] },
  async ({ as }) => {
    const name = `own.${uniqueWord()}`
    const stop = await startOwnWorker({
      pools: 'reports',
      files: {
        'own.mjs': `import { defineHandler, z } from '@jobyard/handler'
        export default defineHandler({ key: '${name}', isolated: false, schema: z.strictObject({}),
          jobType: { displayName: 'From a file', pool: 'reports', timeoutSeconds: 60 }, async run() { return 1 } })`,
        'broken.ts': 'export default {',
      },
    })
    try {
      await expect
        .poll(async () => (await root.query('jobTypes.get', { name })).error, { timeout: 30_000 })
        .toBeUndefined()
      const organizationId = await freshOrganization()
      const job = await root.submit({ jobType: name, parameters: {} }, organizationId)
      await root.until(job.id, 'COMPLETED')
      await root.mutate('jobTypes.update', { name, changes: { timeoutSeconds: 90 } })

      const page = await as('SYSTEM_ADMIN')
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 390, height: 844 },
      ]) {
        await page.setViewportSize(viewport)
        const at = `at ${viewport.width}`
        await page.goto('/workers')
        await settled(page)
        const pools = page.getByRole('region', { name: 'Pools' })
        // A row of the table, or on a phone an entry of the list.
        const row = (pool: string) =>
          pools
            .getByRole('row')
            .or(pools.getByRole('listitem'))
            .filter({ hasText: new RegExp(`^${pool}`) })
        // The instance's own worker takes every pool.
        await expect(row('reports')).toHaveText(/^reports(?:Workers: )?2/)
        await expect(row('default')).toHaveText(/^default(?:Workers: )?1/)
        await expect(page.getByRole('region', { name: /reports/ })).toBeVisible()
        await expect(page.getByRole('list', { name: 'Files of handlers that do not run' })).toContainText(
          /broken\.ts does not build: broken\.ts:1/,
        )
        expect(await faultsOf(page, `workers ${at}`)).toEqual([])

        await page.goto(`/job-types?q=${name}`)
        await settled(page)
        await expect(page.getByText('Not as its file')).toBeVisible()
        await page.goto(`/job-types/${name}`)
        await settled(page)
        const differs = page.getByText('1 setting differs from what the file of its handler says')
        await differs.click()
        await expect(page.locator('details[open]')).toContainText(/60[\s\S]*90/)
        expect(await faultsOf(page, `what differs ${at}`)).toEqual([])
      }
      await page.getByRole('button', { name: 'Set as the file says…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Set', exact: true }).click()
      await expect(page.getByText('differs from what the file of its handler says')).toHaveCount(0)
      const { data } = await root.query<{ timeoutSeconds: number }>('jobTypes.get', { name })
      expect(data.timeoutSeconds).toBe(60)
    } finally {
      await stop()
      // No worker that is left has its handler.
      await root.mutate('jobTypes.update', { name, changes: { enabled: false } })
    }
  },
)
