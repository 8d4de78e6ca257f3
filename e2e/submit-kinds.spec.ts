import { JOB_URL, expect, jobPage, test } from './test'
import { uniqueWord, withKey } from './world'

test('a form with branches, a map and a tuple marks the right fields, and sends what was entered', async ({ as }) => {
  const [name, word] = [`e2e.${uniqueWord()}`, uniqueWord()]
  const kind = (value: string, properties: object, required: string[]) => ({
    type: 'object',
    title: value === 'card' ? 'Card' : 'Bank account',
    properties: { kind: { const: value }, ...properties },
    required: ['kind', ...required],
  })
  const made = await withKey('SYSTEM_ADMIN', null).mutate('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: {
        payment: {
          title: 'Payment',
          oneOf: [
            kind('card', { number: { type: 'string', minLength: 4, title: 'Card number' } }, ['number']),
            kind('bank', { iban: { type: 'string', minLength: 8, title: 'IBAN' } }, ['iban']),
          ],
        },
        limits: { type: 'object', title: 'Limits', additionalProperties: { type: 'number', minimum: 1 } },
        range: {
          type: 'array',
          title: 'Range',
          prefixItems: [
            { type: 'string', title: 'Unit' },
            { type: 'integer', title: 'Least' },
          ],
        },
      },
      required: ['payment'],
    },
  })
  expect(made.error).toBeUndefined()
  const parent = await withKey('OPERATOR').submit({ jobType: 'sample.work', parameters: { data: word } })

  const page = await as('OPERATOR')
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('jobs.submit')) sent.push(request.url())
  })
  await page.goto(`/submit?type=${name}`)
  await expect(page.getByText(/Times are in /)).toBeVisible()
  await page.getByLabel('Kind of payment').selectOption('Bank account')
  await page.getByLabel('IBAN').fill('DE0')
  await page.getByRole('button', { name: 'Add an entry' }).click()
  await page.getByLabel('Name 1').fill('daily')
  await page.getByLabel('Value 1').fill('0')
  await page.getByLabel('Unit').fill('km')
  await page.getByLabel('Least').fill('few')
  const button = page.getByRole('button', { name: 'Submit job' })
  const before = await button.boundingBox()
  await button.click()
  for (const label of ['IBAN', 'Value 1', 'Least'])
    await expect(page.getByLabel(label), label).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Unit')).not.toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('IBAN')).toBeFocused()
  expect(await button.boundingBox(), 'the button does not move under the pointer').toEqual(before)
  expect(sent).toEqual([])

  await page.getByLabel('IBAN').fill('DE00123456')
  await page.getByLabel('Value 1').fill('2.5')
  await page.getByLabel('Least').fill('3')
  // The jobs to wait for are found by words.
  await page.getByRole('combobox', { name: 'Waits for' }).fill(word)
  await expect(page.getByRole('option', { name: new RegExp(word) })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Jobs that it waits for' })).toContainText(word)
  await page.getByLabel(/^How far .* must have come$/).selectOption('ended')
  await expect(page.getByText('It starts when all of these have come so far.')).toBeVisible()
  await button.click()
  await expect(page).toHaveURL(JOB_URL)
  const job = await withKey('OPERATOR').get(jobPage(page).idInUrl())
  expect(job).toMatchObject({
    parameters: { payment: { kind: 'bank', iban: 'DE00123456' }, limits: { daily: 2.5 }, range: ['km', 3] },
    dependsOn: [parent.id],
  })
  await expect(page.getByText('waited for until it ended, in whatever way')).toBeVisible()
})
