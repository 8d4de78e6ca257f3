import { readFile } from 'node:fs/promises'
import AxeBuilder from '@axe-core/playwright'
import { expect, jobPage, test } from './test'
import { home, uniqueWord, withKey, type Job } from './world'

test('a person moves by keyboard from a job to the jobs that it waits for, and through the list to those that wait for it @long', async ({
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

  await card.getByRole('radio', { name: 'List' }).check()
  await card.getByRole('list', { name: 'Waited for by' }).getByRole('link', { name: /clean/ }).click()
  await expect(page).toHaveURL(new RegExp(clean!))
  // The reason for the wait names the other job by its title.
  await expect(page.getByRole('region', { name: 'Why it waits' }).getByRole('link')).toContainText('extract')
  await expect(jobPage(page).badge).toHaveAttribute('data-status', 'PENDING')

  // A graph that is slow to read keeps neither the state of the job nor its buttons waiting.
  await page.route(/jobs\.graph/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    await route.continue()
  })
  const opened = Date.now()
  await page.goto(`/jobs/${report}`)
  const cancel = page.getByRole('main').getByRole('button', { name: /^(Ask to cancel|Cancel)$/ })
  await expect(cancel).toBeVisible({ timeout: 5_000 })
  expect(Date.now() - opened, 'it does not wait for the graph').toBeLessThan(5_500)
  await expect(card).toBeVisible()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await withKey('ADMIN').mutate('jobs.cancel', { jobId: extract })

  // The page of a job that died says how many others died with it.
  const died = await withKey('OPERATOR').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [
      { jobType: 'sample.work', ref: 'p', maxRetries: 0, parameters: { mode: 'permanent', data: word } },
      { jobType: 'sample.noop', dependsOn: ['p'], parameters: { word } },
    ],
  })
  await withKey('OPERATOR').until(died.data.jobs[1]!.id, 'DEAD_LETTER')
  await page.goto(`/jobs/${died.data.jobs[0]!.id}`)
  await expect(page.getByRole('region', { name: 'Permanent error' })).toContainText(
    '1 job that waited for it died, too.',
  )
})

test('a retry on the page of a dead job shows in its graph how the jobs go on that died with it', async ({ as }) => {
  const word = uniqueWord()
  const { data } = await withKey('OPERATOR').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [
      { jobType: 'sample.work', ref: 'p', maxRetries: 0, parameters: { failAttempts: 1, data: word } },
      { jobType: 'sample.noop', dependsOn: ['p'], parameters: { word } },
    ],
  })
  await withKey('OPERATOR').until(data.jobs[1]!.id, 'DEAD_LETTER')
  const page = await as('ADMIN')
  await page.goto(`/jobs/${data.jobs[0]!.id}`)
  const graph = page.getByRole('group', { name: /^Graph of dependencies/ })
  await expect(graph.getByRole('link', { name: /dead letter/i })).toHaveCount(2)
  await jobPage(page).action('Retry').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Retry job' }).click()
  await expect(graph.getByRole('link', { name: /completed/i })).toHaveCount(2, { timeout: 30_000 })
})

test('a wide graph begins at the job that the page is about, says how many jobs lie beyond each edge, and leads to them @long', async ({
  as,
}) => {
  const word = uniqueWord()
  const job = (n: number, more: object) => ({
    jobType: 'sample.noop',
    parameters: { step: `${word} ${n}` },
    runAt: '2099-01-01T00:00:00Z',
    ...more,
  })
  const chain = Array.from({ length: 14 }, (_, n) =>
    job(n, { ref: `c${n}`, ...(n > 0 && { dependsOn: [`c${n - 1}`] }) }),
  )
  const fan = Array.from({ length: 900 }, (_, n) => job(100 + n, { dependsOn: ['c7'] }))
  const { data } = await withKey('OPERATOR').mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: [...chain, ...fan],
  })
  const page = await as('OPERATOR')
  await page.goto(`/jobs/${data.jobs[7]!.id}`)
  const card = page.getByRole('region', { name: 'Dependencies' })
  const graph = card.getByRole('group', { name: /^Graph of dependencies/ })
  const inView = async (box: ReturnType<typeof graph.locator>) => {
    const [outer, inner] = [(await graph.boundingBox())!, (await box.boundingBox())!]
    return inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width
  }
  await expect(graph.locator('[aria-current=page]')).toBeVisible()
  await expect.poll(() => inView(graph.locator('[aria-current=page]'))).toBe(true)
  // Only what is in view is drawn. All boxes at once took 13,400 nodes and 66 MB.
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const metric = (name: string) => metrics.find((one) => one.name === name)!.value
  console.log(
    `A graph of 914 jobs: ${metric('Nodes')} nodes, ${Math.round(metric('JSHeapTotalSize') / 1e6)} MB of JavaScript heap`,
  )
  expect(metric('Nodes'), 'nodes of the page').toBeLessThan(5_000)
  const more = (words: string) => card.getByRole('button', { name: new RegExp(`^\\d+ more ${words}$`) })
  // Each key leads on at once, also among 914 boxes.
  await graph.locator('[aria-current=page]').focus()
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowLeft']) {
    const from = await page.locator(':focus').getAttribute('href')
    await page.keyboard.press(key)
    await expect.poll(() => page.locator(':focus').getAttribute('href'), { timeout: 1_000 }).not.toBe(from)
  }
  for (const words of ['to the left', 'to the right', 'below']) await expect(more(words)).toBeVisible()
  // The button goes when the left edge is reached, which may be between a look and a click.
  await expect(async () => {
    if ((await more('to the left').count()) > 0) await more('to the left').click({ timeout: 1_000 })
    expect(await more('to the left').count()).toBe(0)
  }).toPass()
  expect(await inView(graph.getByRole('link', { name: new RegExp(`${word} 0,`) }))).toBe(true)
  // A wider window shows more of the graph, up to its edge.
  await page.setViewportSize({ width: 2_600, height: 900 })
  await expect.poll(() => inView(graph.getByRole('link', { name: new RegExp(`${word} 9,`) }))).toBe(true)
  await page.setViewportSize({ width: 390, height: 844 })
  await card.getByRole('radio', { name: 'Graph' }).check()
  await expect(more('to the right')).toBeVisible()
  await withKey('ADMIN').mutate('jobs.cancel', { jobId: data.jobs[0]!.id })
})

test('a job that waits only until a parent ends runs although that parent died; its page says why, and gives the file of the other parent', async ({
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
