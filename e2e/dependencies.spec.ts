import { readFile } from 'node:fs/promises'
import AxeBuilder from '@axe-core/playwright'
import { expect, jobPage, test } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

test('a person moves by keyboard from a job to the jobs that it waits for, and to those that wait for it', async ({
  as,
}) => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const word = uniqueWord()
  const job = (step: string, more: object) => ({
    jobType: 'sample.work',
    parameters: { data: `${word} ${step}` },
    runAt: later,
    ...more,
  })
  const { data } = await withKey('OPERATOR').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [
      job('extract', { ref: 'extract' }),
      job('clean', { ref: 'clean', dependsOn: ['extract'] }),
      job('count', { ref: 'count', dependsOn: ['extract'] }),
      job('report', { dependsOn: ['clean', 'count'] }),
    ],
  })
  const [extract, clean, , report] = data.jobs.map(({ id }) => id)

  const page = await as('OPERATOR')
  await page.goto(`/jobs/${report}`)
  const card = page.getByRole('region', { name: 'Dependencies' })
  const graph = card.getByRole('group', { name: /^Graph of dependencies/ })
  await expect(graph.getByRole('link')).toHaveCount(4)
  await expect(graph.locator('[aria-current=page]')).toHaveAttribute('href', new RegExp(report!))
  await graph.locator('[aria-current=page]').focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await expect(page.locator(':focus')).toHaveAttribute('href', new RegExp(extract!))
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(extract!))

  await card.getByRole('radio', { name: 'List' }).check({ force: true })
  await card.getByRole('list', { name: 'Waited for by' }).getByRole('link', { name: /clean/ }).click()
  await expect(page).toHaveURL(new RegExp(clean!))
  // The reason for the wait names the other job by its title.
  await expect(page.getByRole('region', { name: 'Why it waits' }).getByRole('link')).toContainText('extract')
  await expect(jobPage(page).badge).toHaveAttribute('data-status', 'PENDING')
  await withKey('ADMIN').mutate('jobs.cancel', { jobId: extract })
})

test('a job that waits for an end runs although that parent died; its page says why, and gives the file of the other parent', async ({
  as,
}) => {
  const word = uniqueWord()
  const { data, error } = await withKey('OPERATOR').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [
      { ref: 'work', jobType: 'sample.work', parameters: { mode: 'permanent', data: word }, maxRetries: 0 },
      { ref: 'list', jobType: 'export.jobs', parameters: { search: word }, dedupe: false },
      { jobType: 'sample.noop', parameters: { word }, dependsOn: [{ job: 'work', on: 'ended' }, 'list'] },
    ],
  })
  expect(error).toBeUndefined()
  const [dead, , last] = data.jobs.map(({ id }) => id)
  await withKey('OPERATOR').until(last!, 'COMPLETED')
  await withKey('OPERATOR').until(dead!, 'DEAD_LETTER')

  const page = await as('VIEWER', { viewport: { width: 390, height: 844 } })
  await page.goto(`/jobs/${last}`)
  const parents = page.getByRole('region', { name: 'What its parents made' })
  await expect(parents).toContainText('waited for until it ended, in whatever way')
  await expect(parents).toContainText('Simulated permanent failure')
  await expect(page.getByText(/^(?:A dashed line|Of some jobs it is enough that they end): /)).toBeVisible()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    parents.getByRole('list', { name: 'Files' }).getByRole('link').click(),
  ])
  expect(await readFile(await file.path(), 'utf8')).toMatch(/^id,/)
})
