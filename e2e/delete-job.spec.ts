import { expect, jobPage, test } from './test'
import { uniqueWord, withKey } from './world'

test('an admin deletes a job that has ended, an operator can ask for it, and a viewer can do neither', async ({
  as,
}) => {
  const api = withKey('ADMIN')
  const job = await api.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })
  await api.until(job.id, 'COMPLETED')
  const operator = await as('OPERATOR')
  await operator.goto(`/jobs/${job.id}`)
  await expect(operator.getByRole('button', { name: 'Ask to delete' })).toBeVisible()
  await expect(jobPage(operator).action('Delete')).toHaveCount(0)

  const viewer = await as('VIEWER')
  await viewer.goto(`/jobs/${job.id}`)
  await expect(jobPage(viewer).badge).toHaveAttribute('data-status', 'COMPLETED')
  await expect(viewer.getByRole('main').getByRole('button', { name: 'Ask to delete' })).toHaveCount(0)
  await expect(jobPage(viewer).action('Delete')).toHaveAttribute('aria-disabled', 'true')

  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  await jobPage(page).action('Delete').click()
  const dialog = page.getByRole('dialog', { name: 'Delete this job?' })
  await dialog.getByRole('button', { name: 'Delete job' }).click()
  await expect(page).toHaveURL(/\/jobs(\?|$)/)
  await page.goto(`/jobs/${job.id}`)
  await expect(page.getByText('Job not found')).toBeVisible()
})
