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
