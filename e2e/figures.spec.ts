import { incident } from './incident'
import { screens, settled, someDetails } from './screens'
import { expect, test, type Page } from './test'
import { uniqueWord, withKey } from './world'

/**
 * A link that shows a number of things has the number in `data-count` or `data-failures`. The list behind the link has
 * it in `data-total` or `data-total-failures`.
 */
interface Figure {
  on: string
  text: string
  href: string
  count: number
  /** The figure counts failed attempts. A job may have several, so the list says how many its jobs have. */
  failures: boolean
}

const figuresOf = (page: Page, on: string): Promise<Figure[]> =>
  page
    .getByRole('main')
    .locator('a[data-count], a[data-failures]')
    .evaluateAll(
      (all, path) =>
        (all as HTMLAnchorElement[]).map((link) => ({
          on: path,
          text: link.innerText.replaceAll(/\s+/g, ' '),
          href: new URL(link.href).pathname + new URL(link.href).search,
          count: Number(link.dataset.count ?? link.dataset.failures),
          failures: link.dataset.failures !== undefined,
        })),
      on,
    )

/** Links that begin with a number and lead to a list, but do not have the number in `data-count`. */
const unmarked = (page: Page): Promise<string[]> =>
  page
    .getByRole('main')
    .locator('a:not([data-count], [data-failures], [data-row-link])')
    .evaluateAll((all) =>
      (all as HTMLAnchorElement[])
        .filter(
          ({ href, innerText }) => /\/(jobs|dead-letter)\?/.test(href) && /^[\d,]+(?! ?%)( |$)/.test(innerText.trim()),
        )
        .map(({ innerText, href }) => `${innerText} to ${href}`),
    )

/**
 * Numbers that stand alone in a cell or beside a label, and open nothing. A zero has nothing to list. A number for which
 * there is no list says why in `data-no-list`.
 */
const withoutList = (page: Page): Promise<string[]> =>
  page
    .getByRole('main')
    .locator('td, dd')
    .evaluateAll((all) =>
      all
        .filter(
          (cell) =>
            /^[1-9][\d,]*\+?$/.test((cell as HTMLElement).innerText.trim()) &&
            !cell.closest('[data-no-list]') &&
            // A link with `#` leads to a list on the same page. The short form of an id may have digits alone.
            !cell.querySelector('a[data-count], a[data-failures], a[href*="#"], [data-no-list], .font-mono'),
        )
        .map(
          (cell) =>
            `${(cell as HTMLElement).innerText.trim()} in “${(cell.parentElement?.innerText ?? '').replaceAll(/\s+/g, ' ')}”`,
        ),
    )

/**
 * Figures of one kind, such as the failures of each job type, have links that differ in their values alone. So many of
 * each kind are opened. Opening all took four minutes.
 */
const MOST_ALIKE = 2
const kindOf = ({ on, href, count, failures }: Figure) => {
  const { pathname, searchParams } = new URL(href, 'http://jobyard')
  const names = [...new Set(searchParams.keys())].sort().join()
  return `${on.replace(' on a phone', '')} ${pathname} ${names} ${failures} ${count === 0}`
}

test('every figure opens a list of exactly that many things, or says why there is none @long', async ({ as }) => {
  test.setTimeout(480_000)
  const root = withKey('SYSTEM_ADMIN', null)
  const { organizationId, mendable } = await incident()
  const word = uniqueWord()
  const later = { jobType: 'sample.noop', runAt: '2099-01-01T00:00:00Z' }
  const canceled = await root.submit({ ...later, parameters: { word, n: 1 } }, organizationId)
  await root.submit({ ...later, parameters: { word, n: 2 } }, organizationId)
  await root.mutate('jobs.cancel', { jobId: canceled.id })
  const dead = await root.get(mendable[0]!)
  const more = [
    `/jobs/${mendable[0]}`,
    `/dead-letter?cause=${dead.error!.fingerprint}`,
    '/?range=7d',
    ...(await someDetails(organizationId)),
  ]

  const page = await as('SYSTEM_ADMIN')
  const found: Figure[] = []
  const faults: string[] = []
  const collect = async (where: string) => {
    found.push(...(await figuresOf(page, where)))
    faults.push(...(await unmarked(page)).map((link) => `${where}: ${link} does not say what it counts`))
    faults.push(...(await withoutList(page)).map((figure) => `${where}: ${figure} opens nothing`))
  }
  const at = (path: string, org: string) => `${path}${path.includes('?') ? '&' : '?'}org=${org}`
  for (const path of screens(...more)) {
    await page.goto(at(path, organizationId))
    await settled(page)
    if (path.startsWith('/dead-letter?')) await expect(page.getByRole('region', { name: 'In common' })).toBeVisible()
    await collect(path)
    if (path === '/') {
      await page.getByRole('region', { name: 'Throughput' }).getByText('Table').click()
      await expect(page.getByRole('region', { name: 'Throughput' }).getByRole('table')).toBeVisible()
      await collect('the table of the throughput')
    }
    // A phone draws cards in the place of tables, with figures of their own.
    await page.setViewportSize({ width: 390, height: 844 })
    await collect(`${path} on a phone`)
    await page.setViewportSize({ width: 1280, height: 720 })
  }
  expect(found.length, 'there are figures to open').toBeGreaterThan(10)
  const opened = new Map<string, Figure>()
  const alike = new Map<string, number>()
  for (const figure of found) {
    // The page of the platform also lists other organizations. What they do meanwhile is unknown, so their figures are
    // left out.
    if (!figure.href.includes(organizationId)) continue
    const kind = kindOf(figure)
    const seen = alike.get(kind) ?? 0
    const key = `${figure.count} ${figure.failures} ${figure.href}`
    if (opened.has(key) || seen >= MOST_ALIKE) continue
    alike.set(kind, seen + 1)
    opened.set(key, figure)
  }
  const forgotten = found.filter(({ on, href }) => !on.startsWith('/platform') && !href.includes(organizationId))
  expect(forgotten, 'figures keep the organization').toEqual([])
  // Over all organizations only the marks of the links are checked. The figures change while other tests run, so none
  // of them is opened.
  for (const path of ['/', '/dead-letter', '/circuits', '/job-types', '/workers']) {
    await page.goto(at(path, 'all'))
    await settled(page)
    await collect(`${path} of all organizations`)
  }
  for (const { on, text, href, count, failures } of opened.values()) {
    await page.goto(href)
    await settled(page)
    const total = page.locator('main [data-total]').first()
    const shown = await total
      .getAttribute(failures ? 'data-total-failures' : 'data-total', { timeout: 5_000 })
      .catch(() => 'no total')
    if (shown !== String(count)) faults.push(`${on}: “${text}” leads to a list of ${shown}, at ${href}`)
  }
  expect([...new Set(faults)]).toEqual([])
})
