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
  // The note belongs to the options: the whole form is drawn.
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
  // A key that comes before the jobs are found leaves the first of them marked.
  await page.keyboard.press('ArrowDown')
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

test('what is half typed in an item of a list stays when the item above it is removed', async ({ as }) => {
  const name = `e2e.${uniqueWord()}`
  const made = await withKey('SYSTEM_ADMIN', null).mutate('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: { type: 'object', properties: { rows: { type: 'array', title: 'Rows', items: {} } } },
  })
  expect(made.error).toBeUndefined()
  const page = await as('OPERATOR')
  await page.goto(`/submit?type=${name}`)
  for (const item of ['Item 1', 'Item 2']) {
    await page.getByRole('button', { name: 'Add item' }).click()
    await expect(page.getByRole('textbox', { name: item, exact: true })).toBeVisible()
  }
  await page.getByRole('textbox', { name: 'Item 2', exact: true }).fill('{"a":')
  await page.getByRole('button', { name: 'Remove item 1' }).click()
  const item = page.getByRole('textbox', { name: 'Item 1', exact: true })
  await expect(page.getByRole('textbox', { name: 'Item 2', exact: true })).toHaveCount(0)
  await expect(item).toHaveValue('{"a":')
  await expect(item).toHaveAttribute('aria-invalid', 'true')
  await item.fill('{"a": 1}')
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  expect(await withKey('OPERATOR').get(jobPage(page).idInUrl())).toMatchObject({ parameters: { rows: [{ a: 1 }] } })
})

test('two Chinese characters find a job, among those to wait for and in the palette', async ({ as }) => {
  // Two characters that come by chance, so that no earlier run has them.
  const character = () => String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000))
  const words = character() + character()
  const job = await withKey('OPERATOR').submit({
    jobType: 'sample.noop',
    parameters: { customer: `${words}公司` },
    runAt: '2099-01-01T00:00:00Z',
  })
  const found = new RegExp(words)
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.noop')
  await page.getByRole('combobox', { name: 'Waits for' }).fill(words)
  await expect(page.getByRole('option', { name: found })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Jobs that it waits for' })).toContainText(words)
  await page.goto('/')
  await page.keyboard.press('ControlOrMeta+k')
  const palette = page.getByRole('combobox', { name: 'Command palette' })
  await expect(palette).toBeFocused()
  await palette.fill(words)
  await page.getByRole('option', { name: new RegExp(job.id.slice(-8)) }).click()
  await expect(page).toHaveURL(new RegExp(job.id))
})

test('over all organizations a system admin types the id of an upload letter by letter, and the form takes it', async ({
  as,
}) => {
  const name = `e2e.${uniqueWord()}`
  const made = await withKey('SYSTEM_ADMIN', null).mutate('jobTypes.create', {
    name,
    displayName: name,
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: { file: { type: 'string', title: 'File', 'x-jobyard-upload': true } },
    },
  })
  expect(made.error).toBeUndefined()
  const job = await withKey('OPERATOR').submit({ jobType: name, parameters: {} })
  const page = await as('SYSTEM_ADMIN')
  const looked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/uploads/')) looked.push(request.url())
  })
  await page.goto(`/jobs/${job.id}?org=all&again=true`)
  const field = page.getByRole('region', { name: 'Run again' }).getByRole('textbox', { name: 'File' })
  await field.pressSequentially('0197f1c2')
  await field.press('Tab')
  await expect(field).not.toHaveAttribute('aria-invalid', 'true')
  expect(looked, 'a part of an id is not looked up').toEqual([])

  await field.fill('0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f')
  await expect(field).toHaveAccessibleDescription(/This upload is gone/)
  await field.fill('0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8')
  await expect(field).not.toHaveAttribute('aria-invalid', 'true')
})
