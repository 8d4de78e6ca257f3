import { JOB_URL, expect, jobPage, test } from './test'
import { uniqueWord, withKey, type Job } from './world'

test('a sensitive parameter is hidden while it is typed, hidden from viewers and in lists, and kept in a rerun without being shown', async ({
  as,
}) => {
  const [name, account, token] = [`e2e.${uniqueWord()}`, uniqueWord(), `tok-${uniqueWord()}`]
  const made = await withKey('SYSTEM_ADMIN', null).mutate('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: {
        account: { type: 'string', title: 'Account' },
        token: { type: 'string', title: 'Token', 'x-sensitive': true },
      },
      required: ['account', 'token'],
    },
  })
  expect(made.error).toBeUndefined()

  const page = await as('OPERATOR')
  await page.goto(`/submit?type=${name}`)
  await page.getByRole('textbox', { name: 'Account' }).fill(account)
  const field = page.getByLabel('Token')
  await field.fill(token)
  await expect(field).toHaveAttribute('type', 'password')
  await page.getByRole('button', { name: 'Show the value' }).click()
  await expect(field).toHaveAttribute('type', 'text')
  await expect(field).toHaveValue(token)
  await page.getByRole('button', { name: 'Hide the value' }).click()
  await expect(field).toHaveAttribute('type', 'password')
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  await expect(jobPage(page).parameters).toContainText(token)
  const id = jobPage(page).idInUrl()

  const reader = await as('VIEWER')
  await reader.goto(`/jobs/${id}`)
  await expect(jobPage(reader).parameters).toContainText(account)
  await expect(jobPage(reader).parameters).toContainText('[masked]')
  expect(await reader.content()).not.toContain(token)
  const search = { jobType: [name], search: account }
  const listed = await withKey('ADMIN').query<{ items: Job[] }>('jobs.list', search)
  expect(listed.data.items.map(({ parameters }) => parameters)).toEqual([{ account, token: '[masked]' }])
  expect((await withKey('ADMIN').query<{ count: number }>('jobs.count', { ...search, search: token })).data.count).toBe(
    0,
  )

  // Old links to the submit form lead to the job's own page.
  await page.goto(`/submit?from=${id}`)
  const form = page.getByRole('region', { name: 'Run again' })
  await expect(form.getByRole('textbox', { name: 'Account' })).toHaveValue(account)
  await expect(form.getByRole('group', { name: 'Token' })).toContainText('Kept as it is, unseen')
  await expect(form).not.toContainText(token)
  await form.getByRole('button', { name: 'Replace Token' }).click()
  await form.getByRole('button', { name: /^Run / }).click()
  await expect(form.getByLabel('Token')).toHaveAttribute('aria-invalid', 'true')
  await form.getByLabel('Token').fill(`${token}-new`)
  await expect(form.getByRole('list', { name: 'What is changed' })).toHaveText('token another value, unseen')
  await form.getByRole('button', { name: 'Run with this change' }).click()
  await expect(page.getByRole('heading', { name: 'Lineage' })).toBeVisible()
  await expect(page).not.toHaveURL(new RegExp(id))
  expect((await withKey('OPERATOR').get(jobPage(page).idInUrl())).parameters).toEqual({
    account,
    token: `${token}-new`,
  })
})
