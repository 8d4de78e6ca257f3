import { JOB_URL, expect, expectNoReload, jobPage, test } from './test'
import { account, foreign, home, uniqueWord, withKey, type Job } from './world'

// No other test may take a thread meanwhile.
test('an operator cancels a job that spins, and its thread becomes free again', { tag: '@alone' }, async ({ as }) => {
  const word = uniqueWord()
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.work')
  await page.getByLabel('Mode').selectOption('spin')
  await page.getByLabel('Data').fill(JSON.stringify(word))
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  const { badge, action, history, logs } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'RUNNING')
  await expect(logs).toContainText('Spinning')

  const noReload = await expectNoReload(page)
  await action('Cancel').click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this job?' })
  await dialog.getByLabel('Reason').fill('It never comes back')
  await dialog.getByRole('button', { name: 'Cancel job' }).click()
  await expect(badge).toHaveAttribute('data-status', 'CANCELED')
  await expect(dialog).toHaveCount(0)
  await expect(history.last()).toContainText('Canceled')
  await expect(page.getByText(/Canceled by .*: It never comes back/)).toBeVisible()
  await noReload()

  // As many isolated jobs as there are threads run at the same time, so the spinning job no longer holds a thread. The
  // last thread is kept for an organization without running jobs, so the last job belongs to another organization.
  const slots = Number(process.env.ISOLATED_SLOTS || 4)
  const clients = Array.from({ length: slots }, (_, n) => {
    const organizationId = n < slots - 1 ? home : foreign
    return { organizationId, operator: withKey('OPERATOR', organizationId), admin: withKey('ADMIN', organizationId) }
  })
  const jobs: {
    id: string
    operator: (typeof clients)[number]['operator']
    admin: (typeof clients)[number]['admin']
  }[] = []
  try {
    // The jobs are submitted one after the other. If the job of the other organization came earlier, it would take the
    // place of one of ours.
    for (const [n, { organizationId, operator, admin }] of clients.entries()) {
      const { id } = await operator.submit(
        { jobType: 'sample.work', parameters: { durationMs: 60_000, data: `${word} ${n}` } },
        organizationId,
      )
      jobs.push({ id, operator, admin })
      await operator.until(id, 'RUNNING')
    }
    const statuses = await Promise.all(jobs.map(async ({ id, operator }) => (await operator.get(id)).status))
    expect(statuses).toEqual(jobs.map(() => 'RUNNING'))
  } finally {
    for (const { id, admin } of jobs) await admin.mutate('jobs.cancel', { jobId: id })
  }
  for (const { id, operator } of jobs) await operator.until(id, 'CANCELED')
})

test('the dialog that asks before a cancel can be closed, and then nothing happens', async ({ as }) => {
  const api = withKey('ADMIN')
  const job = await api.submit({ jobType: 'sample.work', parameters: { durationMs: 60_000, data: uniqueWord() } })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  const { action, badge } = jobPage(page)
  const dialog = page.getByRole('dialog', { name: 'Cancel this job?' })
  await action('Cancel').click()
  await dialog.getByRole('button', { name: 'Keep as it is' }).click()
  await expect(dialog).toHaveCount(0)
  await action('Cancel').click()
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(badge).toHaveAttribute('data-status', 'RUNNING')
  expect((await api.get(job.id)).status).toBe('RUNNING')

  // A cancel by another client appears on this page without a reload.
  await api.mutate('jobs.cancel', { jobId: job.id, reason: 'from a script' })
  await expect(badge).toHaveAttribute('data-status', 'CANCELED')
  await expect(action('Cancel')).toHaveCount(0)
})

test('an admin who presses Ctrl+Enter twice in the dialog of a cancel sends one cancel', async ({ as }) => {
  const api = withKey('ADMIN')
  const job = await api.submit({ jobType: 'sample.work', parameters: { durationMs: 60_000, data: uniqueWord() } })
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  const { action, badge } = jobPage(page)
  let sent = 0
  let arrive = () => {}
  const held = new Promise<void>((resolve) => (arrive = resolve))
  await page.route(/jobs\.cancel/, async (route) => {
    sent++
    await held
    await route.continue()
  })
  await action('Cancel').click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this job?' })
  await dialog.getByLabel('Reason').fill('It is not needed')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(dialog.getByRole('button', { name: 'Cancel job' })).toHaveAttribute('aria-busy', 'true')
  await page.keyboard.press('ControlOrMeta+Enter')
  arrive()
  await expect(badge).toHaveAttribute('data-status', 'CANCELED')
  expect(sent).toBe(1)
})

test('an admin retries a job in DEAD_LETTER and it completes', async ({ as }) => {
  const api = withKey('OPERATOR')
  const parameters = { failAttempts: 1, data: uniqueWord() }
  const job = await api.submit({ jobType: 'sample.work', parameters, maxRetries: 0 })
  await api.until(job.id, 'DEAD_LETTER')
  const page = await as('ADMIN')
  await page.goto(`/jobs/${job.id}`)
  const { action, badge, history, result } = jobPage(page)
  await expect(badge).toHaveAttribute('data-status', 'DEAD_LETTER')
  const noReload = await expectNoReload(page)
  await action('Retry').click()
  const dialog = page.getByRole('dialog', { name: 'Retry this job?' })
  await dialog.getByLabel('Reason').fill('The cause is mended')
  await dialog.getByRole('button', { name: 'Retry job' }).click()

  await expect(badge).toHaveAttribute('data-status', 'COMPLETED')
  await expect(result).toContainText(parameters.data)
  await expect(history).toHaveText([
    /^Pending/,
    /^Queued/,
    /^Running/,
    /^Dead letter/,
    /^Pending.*The cause is mended/,
    /^Queued/,
    /^Running/,
    /^Completed/,
  ])
  await expect(page.getByRole('list', { name: 'Attempts' }).getByRole('listitem')).toHaveCount(2)
  await noReload()
  expect(await api.get(job.id)).toMatchObject({ attempt: 2, failures: 0, error: null })
})

test.describe('the roles, and what each may do with a job', () => {
  test('a viewer reads a job, but cannot cancel, retry or submit', async ({ as, session }) => {
    const admin = withKey('ADMIN')
    const running = await admin.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 60_000, data: uniqueWord() },
    })
    const dead = await admin.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data: uniqueWord() } })
    await admin.until(dead.id, 'DEAD_LETTER')
    const page = await as('VIEWER')
    const view = jobPage(page)

    await page.goto(`/jobs/${running.id}`)
    await expect(view.badge).toHaveAttribute('data-status', 'RUNNING')
    await expect(view.action('Cancel').and(page.locator(':not([aria-disabled=true])'))).toHaveCount(0)
    await page.goto(`/jobs/${dead.id}`)
    await expect(view.badge).toHaveAttribute('data-status', 'DEAD_LETTER')
    await expect(view.action('Retry').and(page.locator(':not([aria-disabled=true])'))).toHaveCount(0)
    const again = page.getByRole('button', { name: 'Run again', exact: true })
    await expect(again.and(page.locator(':not([aria-disabled=true])'))).toHaveCount(0)
    await page.goto('/submit')
    await expect(page.getByText('You can look, but not submit')).toBeVisible()

    // The page only hides the buttons. The server refuses, both with a session and with an API key.
    const { api } = await session('VIEWER')
    for (const viewer of [api, withKey('VIEWER')]) {
      for (const answer of [
        await viewer.mutate('jobs.cancel', { jobId: running.id }),
        await viewer.mutate('jobs.retry', { jobId: dead.id }),
        await viewer.trySubmit({ jobType: 'sample.noop' }),
      ]) {
        expect(answer.status).toBe(403)
        expect(answer.error?.data.reason).toBe('NOT_PERMITTED')
      }
    }
    expect((await admin.get(running.id)).status).toBe('RUNNING')
    await admin.mutate('jobs.cancel', { jobId: running.id })
  })

  test('an operator cancels their own jobs and no others', async ({ as, session }) => {
    const { api } = await session('OPERATOR')
    const admin = withKey('ADMIN')
    const adminsJob = await admin.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 60_000, data: uniqueWord() },
    })
    const own: Job = await api.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 60_000, data: uniqueWord() },
    })
    expect(own.submittedBy.type).toBe('user')

    const page = await as('OPERATOR')
    const { badge, action } = jobPage(page)
    await page.goto(`/jobs/${adminsJob.id}`)
    await expect(badge).toHaveAttribute('data-status', 'RUNNING')
    await expect(page.getByRole('button', { name: 'Ask to cancel' })).toBeVisible()
    await expect(action('Cancel')).toHaveCount(0)
    const refused = await api.mutate('jobs.cancel', { jobId: adminsJob.id })
    expect(refused.status).toBe(403)
    expect(refused.error?.data.reason).toBe('NOT_PERMITTED')
    expect((await api.mutate('jobs.retry', { jobId: own.id })).error?.data.reason).toBe('NOT_PERMITTED')
    expect((await admin.get(adminsJob.id)).status).toBe('RUNNING')

    await page.goto(`/jobs/${own.id}`)
    await action('Cancel').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
    await expect(badge).toHaveAttribute('data-status', 'CANCELED')
    expect((await admin.get(own.id)).canceledBy).toMatchObject({ type: 'user' })
    await admin.mutate('jobs.cancel', { jobId: adminsJob.id })
  })

  test('a viewer, an operator and an admin each have this role in their organization', async ({ session }) => {
    for (const role of ['VIEWER', 'OPERATOR', 'ADMIN'] as const) {
      const me = await (
        await session(role)
      ).api.query<{ user: { email: string }; organizations: { id: string; role: string }[] }>('session.me')
      expect(me.data.user.email).toBe(account(role).email)
      expect(me.data.organizations).toContainEqual(expect.objectContaining({ id: account(role).organizationId, role }))
    }
  })
})
