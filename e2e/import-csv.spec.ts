import { readFile } from 'node:fs/promises'
import { faultsOf } from './axe'
import { JOB_URL, expect, jobPage, test, type Page } from './test'

// A file of 12 MB, so that its upload takes several pieces: 300,000 rows, of which three are refused.
const bad = new Map([
  [7, 'Ada 7,\n'],
  [1_000, 'Ada 1000,many\n'],
  [299_999, '"=cmd()"\n'],
])
const rows = Array.from(
  { length: 300_000 },
  (_, n) => bad.get(n + 1) ?? `Ada Lovelace of the journeys ${n + 1},${n % 90}\n`,
)
const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('name,age\n' + rows.join('')) }

/** The page's network, slow enough to see an upload go on. */
async function network(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const set = (offline: boolean, uploadThroughput: number) =>
    session.send('Network.emulateNetworkConditions', { offline, latency: 5, downloadThroughput: -1, uploadThroughput })
  return { slow: () => set(false, 2_500_000), cut: () => set(true, 0), fast: () => set(false, -1) }
}

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])
  test(`at ${viewport.width}: an operator uploads a file over a connection that breaks, imports it, and gets the refused rows with reasons @long`, async ({
    as,
  }) => {
    const page = await as('OPERATOR', { viewport })
    await page.goto('/submit?type=import.csv')
    const chooser = page.getByLabel('Choose a file')
    const upload = page.getByRole('progressbar', { name: 'Upload of people.csv' })
    await expect(chooser).toBeAttached()
    expect(await faultsOf(page, 'the empty form')).toEqual([])

    const { slow, cut, fast } = await network(page)
    await slow()
    await chooser.setInputFiles(file)
    await expect(upload).toHaveAttribute('aria-valuenow', /^[1-9]\d$/)

    // The form is not sent before the file is there.
    await page.getByRole('button', { name: 'Submit job' }).click()
    await expect(page.getByText('The file is still on its way.').first()).toBeVisible()
    await expect(page).toHaveURL(/\/submit/)

    await page.getByLabel('Every row needs name').check()
    await cut()
    await expect(page.getByText('The connection is lost. It goes on by itself.').first()).toBeVisible()
    const before = Number(await upload.getAttribute('aria-valuenow'))
    expect(await faultsOf(page, 'a lost connection')).toEqual([])
    const asked: string[] = []
    page.on('request', (request) => request.url().includes('/api/uploads') && asked.push(request.method()))
    await fast()
    await expect(page.getByText(/^people\.csv [\d.]+ MB$/)).toBeVisible({ timeout: 30_000 })
    await expect(upload).toHaveCount(0)
    // The page asked the server where to go on (HEAD), and did not begin anew (POST).
    expect(asked[0]).toBe('HEAD')
    expect(asked).not.toContain('POST')
    expect(before).toBeGreaterThan(0)

    // The form has read the columns from the file, and keeps what was changed while the file was on its way.
    const columns = page.getByRole('group', { name: /^Columns/ }).getByRole('listitem')
    await expect(columns).toHaveCount(2)
    await expect(columns.nth(0).getByLabel('Type of name')).toHaveValue('text')
    await expect(columns.nth(1).getByLabel('Type of age')).toHaveValue('integer')
    await expect(columns.nth(0).getByLabel('Every row needs name')).toBeChecked()
    await columns.nth(1).getByLabel('Every row needs age').check()
    expect(await faultsOf(page, 'the columns')).toEqual([])
    await page.getByRole('button', { name: 'Submit job' }).click()

    await expect(page).toHaveURL(JOB_URL)
    await expect(page.getByRole('heading', { level: 1 })).toContainText('CSV import people.csv')
    await expect(jobPage(page).badge).toHaveAttribute('data-status', 'COMPLETED', { timeout: 60_000 })
    const counts = page.getByRole('region', { name: 'Import' })
    await expect(counts).toContainText(/Rows300,000Accepted299,997Refused3/)
    expect(await faultsOf(page, 'the counts')).toEqual([])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      counts.getByRole('link', { name: 'Refused rows, with reasons' }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toBe(
      [
        'line,column,reason,row',
        '8,age,is empty; it must be a whole number such as 12,"Ada 7,"',
        '1001,age,"must be a whole number such as 12, not ""many""","Ada 1000,many"',
        '300000,,"has 1 cell, and the file has 2 columns","""=cmd()"""',
        '',
      ].join('\r\n'),
    )
  })

test('an upload is canceled, chosen again by keyboard, and dropped @long', async ({ as }) => {
  const page = await as('OPERATOR')
  await page.goto('/submit?type=import.csv')
  const { slow, fast } = await network(page)
  await slow()
  // The browser is told early that the test chooses the file: told at the moment of the key, it may open its own window.
  const choosing = page.waitForEvent('filechooser')
  await page.getByLabel('Choose a file').setInputFiles(file)
  await expect(page.getByRole('progressbar', { name: 'Upload of people.csv' })).toBeVisible()
  const taken = page.waitForRequest((request) => request.method() === 'DELETE')
  await page.getByRole('button', { name: 'Cancel the upload' }).click()
  await taken
  await fast()
  await expect(page.getByRole('progressbar', { name: 'Upload of people.csv' })).toHaveCount(0)
  // The cursor is where a file is chosen.
  await expect(page.getByLabel('Choose a file')).toBeFocused()
  await page.keyboard.press('Enter')
  const chosen = await choosing
  await chosen.setFiles({ name: 'small.csv', mimeType: 'text/csv', buffer: Buffer.from('name,age\n') })
  await expect(page.getByText(/^small\.csv \d/)).toBeVisible()

  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['name,age\n'], 'dropped.csv', { type: 'text/csv' }))
    return data
  })
  await page.getByText(/^small\.csv \d/).dispatchEvent('drop', { dataTransfer: dropped })
  await expect(page.getByText(/^dropped\.csv \d/)).toBeVisible()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByText('or drop it here')).toBeVisible()
})
