import { Validator, type Schema } from '@cfworker/json-schema'
import { faultsByRules, faultsOf } from './axe'
import { expect, test, type Page } from './test'
import { baseUrl, foreign, home, uniqueWord, withKey } from './world'
import { watch } from './watch'

interface Operation {
  operationId: string
  parameters?: { name: string; in: string; content?: { 'application/json': { example?: object } } }[]
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const operator = withKey('OPERATOR')
const admin = withKey('ADMIN')
const root = withKey('SYSTEM_ADMIN', null)

/** The OpenAPI document, read without an account. */
async function readDocument(): Promise<Document> {
  const response = await fetch(`${baseUrl}/api/openapi.json`)
  expect(response.status).toBe(200)
  return (await response.json()) as Document
}

/** The parts of an answer that do not match the schema in the document. */
function faults(document: Document, path: string, method: 'get' | 'post', status: number, body: unknown): string[] {
  const schema = document.paths[path]?.[method]?.responses[status]?.content?.['application/json']?.schema
  if (!schema) return [`${path} says nothing of ${status}`]
  const { valid, errors } = new Validator({ ...schema, components: document.components } as Schema, '2020-12').validate(
    body,
  )
  return valid ? [] : errors.map(({ instanceLocation, error }) => `${path} ${instanceLocation}: ${error}`)
}

/** The example input of a query, with ids of objects that exist. */
function realInput(path: string, example: object | undefined, jobId: string): string {
  if (!example) return ''
  const real = {
    ...example,
    ...('organizationId' in example ? { organizationId: home } : {}),
    ...('jobId' in example ? { jobId } : {}),
    ...('name' in example ? { name: 'sample.work' } : {}),
  }
  return `?input=${encodeURIComponent(JSON.stringify(real))}`
}

test.describe('the OpenAPI document', () => {
  test('the OpenAPI document describes what every query really answers', async () => {
    const document = await readDocument()
    expect(document.openapi).toMatch(/^3\.1/)
    // Together the two jobs have attempts, an error, log lines and an artifact, so that few fields are null or empty.
    const dead = await operator.submit({
      jobType: 'sample.work',
      parameters: { mode: 'permanent', progressSteps: 2, data: uniqueWord() },
    })
    await operator.until(dead.id, 'DEAD_LETTER')
    const exported = await operator.submit({ jobType: 'export.jobs', parameters: { search: uniqueWord() } })
    await operator.until(exported.id, 'COMPLETED')

    const wrong: string[] = []
    let called = 0
    for (const [path, methods] of Object.entries(document.paths)) {
      const operation = methods.get
      if (!operation || !path.startsWith('/api/trpc/') || operation.responses[200]?.content?.['text/event-stream'])
        continue
      const example = operation.parameters?.find(({ name }) => name === 'input')?.content?.['application/json'].example
      for (const jobId of [dead.id, exported.id]) {
        const response = await fetch(`${baseUrl}${path}${realInput(path, example, jobId)}`, { headers: root.headers })
        const body: unknown = await response.json()
        // An example may name something that the demo does not have. Then the refusal must be one that the document
        // lists. No API key has an account or saved views, so these two queries are refused.
        const expected = ['/api/trpc/account.get', '/api/trpc/savedViews.list'].includes(path) ? [403] : [200, 404]
        if (!expected.includes(response.status)) wrong.push(`${path}: ${response.status} ${JSON.stringify(body)}`)
        else wrong.push(...faults(document, path, 'get', response.status, body))
        if (response.status === 200) called++
        if (!example || !('jobId' in example)) break
      }
    }
    expect(wrong).toEqual([])
    expect(called).toBeGreaterThan(15)
  })

  test('the OpenAPI document describes what mutations, refusals and streams really answer', async () => {
    const document = await readDocument()
    const wrong: string[] = []
    const call = async (name: string, input: object, status = 200, who = admin) => {
      const answer = await who.send<unknown>(name, {
        method: 'POST',
        body: JSON.stringify(input),
        headers: { 'content-type': 'application/json' },
      })
      expect(answer.status, `${name}: ${answer.error?.message}`).toBe(status)
      wrong.push(
        ...faults(
          document,
          `/api/trpc/${name}`,
          'post',
          status,
          answer.error ? { error: answer.error } : { result: { data: answer.data } },
        ),
      )
      return answer.data as { id: string }
    }
    const stream = await watch(operator, { organizationId: home })
    const later = {
      organizationId: home,
      jobType: 'sample.work',
      parameters: { data: uniqueWord() },
      runAt: '2099-01-01T00:00:00Z',
    }
    const { id } = await call('jobs.submit', later)
    await call('jobs.submit', later, 409)
    await call('jobs.submit', { ...later, jobType: 'no.such' }, 400)
    await call('jobs.submit', later, 403, withKey('VIEWER'))
    await call('jobs.submit', later, 401, {
      ...admin,
      send: (path, init) =>
        admin.send(path, { ...init, headers: { 'content-type': 'application/json', authorization: 'Bearer nobody' } }),
    })
    await call('jobs.submitMany', {
      organizationId: home,
      jobs: [{ jobType: 'sample.noop', parameters: { word: uniqueWord() } }],
    })
    await call('jobs.cancel', { jobId: id, reason: 'A test' })
    await call('jobs.cancel', { jobId: id }, 409)
    await call('jobs.retry', { jobId: id })
    await call('jobs.cancelMany', { organizationId: home, jobIds: [id] })
    await call('jobs.delete', { jobId: id })
    await call('jobs.delete', { jobId: id }, 404)

    const schema = document.paths['/api/trpc/jobs.watch']!.get!.responses[200]!.content!['text/event-stream']!.schema
    const check = new Validator({ ...schema, components: document.components } as Schema, '2020-12')
    const events = await stream.until((event) => event.jobId === id && event.toStatus === 'CANCELED')
    stream.close()
    // A refusal of a stream comes within the stream, so the document must list no other answer.
    expect(Object.keys(document.paths['/api/trpc/jobs.watch']!.get!.responses)).toEqual(['200'])
    const calls: [string, Record<string, string>, string][] = [
      [JSON.stringify({ organizationId: home }), {}, 'UNAUTHENTICATED'],
      ['{', operator.headers, 'INVALID_INPUT'],
      ['{}', operator.headers, 'INVALID_INPUT'],
      [JSON.stringify({ organizationId: foreign }), operator.headers, 'NOT_FOUND'],
    ]
    for (const [input, headers, reason] of calls) {
      const refused = await fetch(`${baseUrl}/api/trpc/jobs.watch?input=${encodeURIComponent(input)}`, { headers })
      expect([refused.status, refused.headers.get('content-type')], reason).toEqual([
        200,
        expect.stringContaining('text/event-stream'),
      ])
      const said = /event: serialized-error\ndata: (.*)\n/.exec(await refused.text())?.[1]
      const error: unknown = JSON.parse(said ?? '{}')
      expect(error).toMatchObject({ data: { reason } })
      wrong.push(
        ...new Validator({ ...document.components.schemas.Error, components: document.components } as Schema, '2020-12')
          .validate({ error })
          .errors.map(({ instanceLocation, error: what }) => `refusal ${instanceLocation}: ${what}`),
      )
    }
    for (const event of events)
      wrong.push(
        ...check.validate(event).errors.map(({ instanceLocation, error }) => `event ${instanceLocation}: ${error}`),
      )
    expect(wrong).toEqual([])
  })
})

const PAGE_RULES = [
  'bypass',
  'document-title',
  'duplicate-id-aria',
  'heading-order',
  'html-has-lang',
  'landmark-one-main',
  'landmark-unique',
  'link-name',
  'page-has-heading-one',
  'region',
  'scrollable-region-focusable',
]

test.describe('the reference', () => {
  const open = async (page: Page, fragment = '') => {
    const response = await page.goto(`/api/docs${fragment}`)
    await expect(page.getByRole('heading', { level: 1, name: 'API reference' })).toBeVisible()
    return response
  }

  test('the reference of the API can be read without signing in, under a strict policy, and has every procedure @long', async ({
    page,
  }) => {
    const response = await open(page)
    const policy = (await response!.allHeaders())['content-security-policy']!
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/)
    expect(policy).not.toMatch(/unsafe-eval|default-src 'none'/)
    for (const path of Object.keys((await readDocument()).paths).filter((each) => each.startsWith('/api/trpc/'))) {
      const name = path.slice('/api/trpc/'.length)
      await expect(page.getByRole('article', { name }).first(), name).toContainText(`$URL${path}`)
    }
  })

  test('a search in the reference finds a procedure by words, and a procedure links to the types in its answer @long', async ({
    page,
  }) => {
    await open(page)
    // The page is drawn before its keys work, so the press is repeated.
    await expect(async () => {
      await page.keyboard.press('/')
      await expect(page.locator('input[type=search]:focus')).toHaveCount(1, { timeout: 500 })
    }).toPass()
    await page.keyboard.type('why waiting')
    const contents = page.getByRole('navigation', { name: 'Procedures' })
    await expect(contents.getByRole('link')).toHaveText(['jobs.explain'])
    await contents.getByRole('link').click()
    await expect(page).toHaveURL(/#jobs\.explain$/)
    await expect(page.getByRole('article', { name: 'jobs.explain' })).toBeInViewport()
    await page
      .getByRole('article', { name: 'jobs.get', exact: true })
      .getByRole('link', { name: 'Job', exact: true })
      .click()
    await expect(page.getByRole('article', { name: 'Job', exact: true })).toBeInViewport()
    await expect(page.getByRole('article', { name: 'Job', exact: true })).toContainText('withheld')
  })

  test('only the organization, which does not exist, is wrong with an example call of the reference @long', async ({
    page,
  }) => {
    await open(page, '#jobs.count')
    const call = await page.getByRole('article', { name: 'jobs.count' }).locator('pre').innerText()
    const input = /--data-urlencode 'input=([^']*)'/.exec(call)?.[1]
    const answer = await fetch(`${baseUrl}/api/trpc/jobs.count?input=${encodeURIComponent(input!)}`, {
      headers: root.headers,
    })
    expect(((await answer.json()) as { error: { data: object } }).error.data).toMatchObject({ reason: 'NOT_FOUND' })
  })

  test('the reference shows how each request about an upload is sent: method, fields, body and what is answered', async ({
    page,
  }) => {
    await open(page, '#uploads.patch')
    const entry = (id: string) => page.locator(`article[id="uploads.${id}"]`)
    for (const [id, method] of [
      ['post', 'POST'],
      ['get', 'GET'],
      ['patch', 'PATCH'],
      ['delete', 'DELETE'],
    ] as const)
      await expect(entry(id).locator('header').getByText(method, { exact: true })).toBeVisible()
    await expect(entry('post')).toContainText('In the query')
    await expect(entry('post')).toContainText('organizationId')
    await expect(entry('post')).toContainText('Upload-Metadata')
    await expect(entry('patch').locator('pre')).toContainText('-X PATCH')
    await expect(entry('patch')).toContainText('Where this piece begins.')
    await expect(entry('patch')).toContainText('The bytes of this piece.')
    await expect(entry('delete')).toContainText('204It is gone.')
    await expect(page.locator('article[id="artifacts.get"]')).toContainText('The whole file, as an attachment')
  })

  test('the reference can be read on a phone, and has no accessibility fault @long', async ({ browser, baseURL }) => {
    // Looking for faults in a page of some thousand elements takes most of a minute on a busy machine.
    test.setTimeout(180_000)
    const context = await browser.newContext({
      baseURL,
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    })
    const page = await context.newPage()
    await open(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.getByText('Contents').tap()
    await expect(
      page.getByRole('navigation', { name: 'Procedures' }).getByRole('link', { name: 'jobs.submit', exact: true }),
    ).toBeVisible()
    // A few components draw the hundreds of parts of the page. So some parts of each kind are checked. The page as a
    // whole is checked only for faults that its parts cannot show.
    const parts = [
      'aside',
      'h1',
      'h1 ~ p',
      '[id="jobs.submit"]',
      '[id="jobs.get"]',
      '[id="jobs.watch"]',
      '[id="uploads.patch"]',
      '#type-Job',
    ]
    expect(await page.evaluate((selectors) => selectors.filter((one) => !document.querySelector(one)), parts)).toEqual(
      [],
    )
    expect(await faultsOf(page, 'some parts', parts)).toEqual([])
    expect(await faultsByRules(page, 'the page', PAGE_RULES)).toEqual([])
    await context.close()
  })
})
