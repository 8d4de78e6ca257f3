import { readFile } from 'node:fs/promises'
import { extractText, getDocumentProxy } from 'unpdf'
import { JOB_URL, expect, jobPage, test } from './test'
import { baseUrl, foreign, withKey } from './world'

test('a person gets a report of the last week, and another organization cannot read it', async ({ as }) => {
  const page = await as('OPERATOR')
  await page.goto('/submit?type=report.operations')
  // Nothing is filled in, so the report covers the last seven days. "Run again" is ticked, because another test may
  // have asked for the same report a moment ago.
  await page.getByRole('checkbox', { name: 'Run again' }).check()
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  const { badge, artifacts, idInUrl } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'COMPLETED', { timeout: 30_000 })

  const link = artifacts.getByRole('link')
  await expect(link).toHaveCount(1)
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  expect(download.suggestedFilename()).toMatch(/\.pdf$/)
  const bytes = await readFile(await download.path())
  expect(bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-')
  const pdf = await getDocumentProxy(new Uint8Array(bytes))
  const { totalPages, text } = await extractText(pdf, { mergePages: true })
  expect(totalPages).toBeGreaterThan(0)
  expect(text).toMatch(/operations report/i)

  const api = withKey('OPERATOR')
  const job = await api.get(idInUrl())
  expect(job.parameters).toEqual({})
  const [artifact] = job.artifacts
  if (!artifact) throw new Error('The job holds no artifact.')
  expect(artifact).toMatchObject({ contentType: 'application/pdf', size: bytes.length })

  // With a key of the organization the file is the same. Its headers forbid scripts, and it is sent as an attachment.
  const url = new URL(artifact.url, baseUrl)
  const own = await fetch(url, { headers: api.headers })
  expect(own.status).toBe(200)
  expect(Buffer.from(await own.arrayBuffer()).equals(bytes)).toBe(true)
  expect(own.headers.get('content-disposition')).toMatch(/^attachment/)
  expect(own.headers.get('x-content-type-options')).toBe('nosniff')
  expect(own.headers.get('content-security-policy')).toMatch(/sandbox/)
  const part = await fetch(url, { headers: { ...api.headers, range: 'bytes=0-4' } })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 0-4/${bytes.length}`)
  expect(await part.text()).toBe('%PDF-')

  // For another organization, neither the job nor the file exists. Who says nothing of themselves learns nothing.
  const stranger = withKey('ADMIN', foreign)
  expect((await stranger.query('jobs.get', { jobId: job.id })).error?.data).toMatchObject({
    httpStatus: 404,
    reason: 'NOT_FOUND',
  })
  const refused = await fetch(url, { headers: stranger.headers })
  expect(refused.status).toBe(404)
  expect(await refused.json()).toMatchObject({ error: { data: { reason: 'NOT_FOUND' } } })
  const anonymous = await fetch(url)
  expect(anonymous.status).toBe(401)
  expect(await anonymous.json()).toMatchObject({ error: { data: { reason: 'UNAUTHENTICATED' } } })
})
