// An incident for whoever looks at the dashboard: `npm run screenshot` and `npm run screenshots` take their pictures of
// it. The journeys make a smaller one (e2e/incident.ts).

/**
 * Asks the API as a system admin. Throws where it refuses.
 * @typedef {(kind: 'query' | 'mutate', procedure: string, input: object) => Promise<any>} Ask
 */

/**
 * A caller of the API with a key.
 * @param {string} url where Jobyard is
 * @param {string} key
 * @returns {Ask}
 */
export function asker(url, key) {
  return async (kind, procedure, input) => {
    const address = `${url}/api/trpc/${procedure}`
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const response = await (kind === 'query'
      ? fetch(`${address}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers })
      : fetch(address, { method: 'POST', headers, body: JSON.stringify(input) }))
    const body = await response.json()
    if (body.error) throw new Error(`${procedure}: ${body.error.message}`)
    return body.result.data
  }
}

/** Job types with names from a business. Parameters may tell each of their jobs how to fail (sample.work). */
const TYPES = [
  { name: 'payout.send', displayName: 'Send payout', title: '{customer} · {order.id}' },
  { name: 'refund.send', displayName: 'Send refund', title: '{customer} · {order.id}' },
  { name: 'statement.import', displayName: 'Import statement', title: '{account} · {day}' },
  { name: 'digest.send', displayName: 'Send digest', title: '{list}' },
  { name: 'stock.count', displayName: 'Count stock', title: '{warehouse}', timeoutSeconds: 7_200 },
]

/** @param {Ask} ask */
async function makeTypes(ask) {
  const { items } = await ask('query', 'jobTypes.list', { limit: 100 })
  const known = new Set(items.map((/** @type {{ name: string }} */ { name }) => name))
  for (const type of TYPES.filter(({ name }) => !known.has(name)))
    await ask('mutate', 'jobTypes.create', { ...type, handler: 'sample.work', parameterSchema: { type: 'object' } })
}

/** @param {Ask} ask @param {string} word @returns {Promise<string>} */
async function newOrganization(ask, word) {
  const made = { name: `Harbour Trade ${word.slice(-3)}`, slug: `harbour-${word}` }
  return (await ask('mutate', 'organizations.create', made)).id
}

/**
 * Ends an earlier incident. A demo has few threads, and jobs that hang since then would take those that this one needs.
 * In the same organization its circuits are still open and would hold back what is to fail now.
 * @param {Ask} ask @param {string | undefined} organizationId
 */
async function endEarlier(ask, organizationId) {
  const reason = 'Another incident is made'
  const unfinished = { status: ['PENDING', 'QUEUED', 'RUNNING'], limit: 100 }
  /** @param {object} these */
  const cancel = async (these) => {
    const { items } = await ask('query', 'jobs.list', { ...unfinished, ...these })
    for (const { id } of items) await ask('mutate', 'jobs.cancel', { jobId: id, reason })
  }
  await cancel({ jobType: ['stock.count'] })
  if (!organizationId) return
  await cancel({ organizationId, jobType: TYPES.map(({ name }) => name) })
  const open = { organizationId, state: ['OPEN', 'HALF_OPEN'] }
  for (const { jobType } of (await ask('query', 'circuits.list', open)).items)
    await ask('mutate', 'circuits.close', { organizationId, jobType, reason })
}

/**
 * Makes an organization with 60 jobs. 25 fail from three causes, so that a circuit opens and holds others back. Another
 * job dies, and five die with it because they wait for it. One job hangs, one runs for 20 minutes, 12 complete, and 15
 * wait. Last of all the organization is paused. When this returns, nothing changes any more but the job that runs.
 * @param {Ask} ask
 * @param {{ organizationId?: string, pause?: boolean }} [how] an organization that is there already, in place of a new
 *   one; false leaves the pause out
 */
export async function makeIncident(ask, { organizationId: given, pause = true } = {}) {
  await makeTypes(ask)
  await endEarlier(ask, given)
  const word = Date.now().toString(36)
  const organizationId = given ?? (await newOrganization(ask, word))
  const before = (await ask('query', 'deadLetters.figures', { organizationId })).dead
  /** @param {object[]} jobs @returns {Promise<string[]>} */
  const submit = async (jobs) => {
    // The same jobs may still be known from an earlier incident in the same organization.
    const again = jobs.map((job) => ({ ...job, dedupe: false }))
    const answer = await ask('mutate', 'jobs.submitMany', { organizationId, jobs: again })
    return answer.jobs.map((/** @type {{ id: string }} */ { id }) => id)
  }
  const customers = ['Hooli', 'Initech', 'Northwind Traders', 'Globex']
  /** @param {number} n @param {object} [more] */
  const payout = (n, more) => ({
    jobType: 'payout.send',
    maxRetries: 0,
    parameters: {
      customer: customers[n % customers.length],
      order: { id: `SO-${104230 + n}` },
      amount: 40 + n * 3,
      durationMs: 40,
      ...more,
    },
  })
  /** @param {number} count @param {(n: number) => object} make */
  const times = (count, make) => Array.from({ length: count }, (_, n) => make(n))

  await submit(
    times(12, (n) => ({ jobType: 'digest.send', parameters: { list: `customers ${n + 1}`, durationMs: 150 } })),
  )
  const [deadParent] = await submit([
    {
      jobType: 'statement.import',
      ref: 'statement',
      maxRetries: 0,
      parameters: { account: 'NL91-0417', day: '28 November', mode: 'permanent', durationMs: 1_500 },
    },
    ...times(5, (n) => ({
      jobType: 'digest.send',
      dependsOn: ['statement'],
      parameters: { list: ['operations', 'finance', 'customers', 'partners', 'suppliers'][n] },
    })),
  ])
  await submit([
    // Ten outcomes open the circuit. Further jobs of the type would be held back instead of failing.
    ...times(7, (n) => payout(n, { failAttempts: 1, ...(n < 6 ? { customer: 'Hooli' } : {}) })),
    ...times(3, (n) => payout(20 + n, { mode: 'permanent' })),
    ...times(7, (n) => ({ ...payout(30 + n, { failAttempts: 1 }), jobType: 'refund.send' })),
    ...times(8, (n) => ({
      jobType: 'http.request',
      maxRetries: 0,
      parameters: { url: `http://shop-${n}.example.invalid/orders/${word}` },
    })),
  ])
  await until('the failures', async () => {
    const { dead } = await ask('query', 'deadLetters.figures', { organizationId })
    return dead === before + 25 + 6 // those that fail, and the parent with its five children
  })
  await until('the circuit', async () => {
    const { items } = await ask('query', 'circuits.list', { organizationId, state: ['OPEN'] })
    return items.length > 0
  })
  const [hanging, slow] = await submit([
    { jobType: 'stock.count', parameters: { warehouse: 'AMS-1', mode: 'hang' } },
    { jobType: 'stock.count', parameters: { warehouse: 'LYS-1', durationMs: 1_200_000, progressSteps: 600 } },
  ])
  const [held] = await submit([
    ...times(10, (n) => payout(40 + n)),
    ...times(5, (n) => ({
      jobType: 'stock.count',
      runAt: '2099-01-01T08:00:00Z',
      parameters: { warehouse: `Pier ${n + 1}` },
    })),
  ])
  await until('the jobs that hang and run', async () => {
    const these = { organizationId, jobType: ['stock.count'], status: ['RUNNING'] }
    return (await ask('query', 'jobs.count', these)).count === 2
  })
  const scope = { scope: 'organization', organizationId, reason: 'The ledger is being closed' }
  if (pause) await ask('mutate', 'control.pause', scope)
  return { organizationId, hanging, slow, deadParent, held }
}

/** @param {string} what @param {() => Promise<boolean>} isTrue */
async function until(what, isTrue) {
  const end = Date.now() + 90_000
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`Waited 90 s for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
