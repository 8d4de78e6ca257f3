import { expect, jobPage, test } from './test'
import { uniqueWord, withKey } from './world'

test('text that would turn around or hide other text is shown with escapes, in parameters, results, history and details', async ({
  as,
}) => {
  const api = withKey('OPERATOR')
  const word = uniqueWord()
  const data = {
    [`na\u202eme ${word}`]: 'invoice\u202efdp.exe',
    hidden: 'ad\u200bmin',
    // The invisible characters of these two belong to how they are written, and stay as they are.
    persian: 'می‌خواهم',
    family: '👩‍👩‍👧',
  }
  const done = await api.submit({ jobType: 'sample.work', parameters: { data } })
  await api.until(done.id, 'COMPLETED')
  const waiting = await api.submit({
    jobType: 'sample.noop',
    parameters: { word },
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  await api.mutate('jobs.cancel', { jobId: waiting.id, reason: `wrong\u2066${word}\u202e` })

  const page = await as('ADMIN')
  await page.goto(`/jobs/${done.id}`)
  const { parameters, result } = jobPage(page)
  for (const shown of [parameters, result]) {
    for (const text of [`na\\u202eme ${word}`, '"invoice\\u202efdp.exe"', '"ad\\u200bmin"', '"می‌خواهم"', '"👩‍👩‍👧"'])
      await expect(shown).toContainText(text)
    expect(await shown.innerText()).not.toMatch(/[\u202e\u200b]/)
  }
  await page.goto(`/jobs/${waiting.id}`)
  await expect(page.locator('main')).toContainText(`wrong\\u2066${word}\\u202e`)
  expect(await page.locator('main').innerText()).not.toMatch(/[\u202e\u2066]/)
})
