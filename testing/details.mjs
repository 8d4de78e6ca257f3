/**
 * Makes a bulk action, a request, a schedule and an alert rule. Each has a page of its own. Returns the paths of these
 * pages, and of the forms that change the schedule and the rule.
 * @param {import('./incident.mjs').Ask} ask
 * @param {string} organizationId
 * @returns {Promise<string[]>}
 */
export async function makeDetails(ask, organizationId) {
  const word = Date.now().toString(36)
  const later = { jobType: 'sample.noop', runAt: '2099-01-01T00:00:00Z' }
  const { jobs } = await ask('mutate', 'jobs.submitMany', {
    organizationId,
    jobs: [1, 2, 3].map((n) => ({ ...later, parameters: { word, n } })),
  })
  const ids = jobs.map((/** @type {{ id: string }} */ { id }) => id)
  const bulk = await ask('mutate', 'jobs.cancelMany', { organizationId, jobIds: ids.slice(0, 2), reason: 'Not needed' })
  const asked = await ask('mutate', 'requests.create', {
    kind: 'CANCEL',
    organizationId,
    jobIds: ids.slice(2),
    reason: 'The customer left',
  })
  const schedule = await ask('mutate', 'schedules.create', {
    organizationId,
    name: `Stock of the night ${word}`,
    jobType: 'sample.noop',
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    enabled: true,
  })
  const rule = await ask('mutate', 'alerts.create', {
    organizationId,
    name: `Payouts fail ${word}`,
    condition: { kind: 'FAILURE_RATE', jobType: 'sample.work', percent: 20, minutes: 60 },
    targets: [{ type: 'webhook', url: 'https://hooks.example.com/jobyard' }],
  })
  return [
    `/bulk/${bulk.receiptId}`,
    `/requests/${asked.id}`,
    `/schedules/${schedule.id}`,
    `/schedules/${schedule.id}/edit`,
    `/alerts/${rule.id}`,
    `/alerts/${rule.id}/edit`,
  ]
}
