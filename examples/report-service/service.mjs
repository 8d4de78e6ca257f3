// A small service beside Jobyard: `GET /reports/<from>/<to>` answers with the PDF of that period. The
// report is a job, so it is made by Jobyard's workers, with retries, limits and history.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createJobyardClient, isReason, JobyardError } from 'jobyard-client'

const { JOBYARD_URL = 'http://localhost:3000', JOBYARD_API_KEY = '', PORT = '8080' } = process.env
const jobyard = createJobyardClient({ url: JOBYARD_URL, apiKey: JOBYARD_API_KEY })

const server = createServer((request, response) => {
  const [, from, to] = /^\/reports\/([\d-]+)\/([\d-]+)$/.exec(request.url ?? '') ?? []
  if (request.method !== 'GET' || !from || !to) return void response.writeHead(404).end('GET /reports/<from>/<to>\n')
  sendReport({ from, to }, response).catch((/** @type {unknown} */ error) => fail(error, response))
})
server.listen(Number(PORT), () =>
  console.log(
    `Reports at http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/reports/2026-01-01/2026-01-31`,
  ),
)
process.once('SIGTERM', () => server.close())

/**
 * @param {{ from: string, to: string }} period
 * @param {import('node:http').ServerResponse} response
 */
async function sendReport(period, response) {
  // When the caller leaves, this stops waiting. The job goes on, because somebody else may want the same report.
  const left = new AbortController()
  response.on('close', () => left.abort())
  const { signal } = left

  const jobId = await submitReport(period, signal)
  const job = await jobyard.waitFor(jobId, { signal, timeoutMs: 120_000 })
  const [artifact] = job.artifacts ?? []
  if (job.status !== 'COMPLETED' || !artifact)
    throw new Error(`Job ${jobId} ended as ${job.status}: ${job.error?.message ?? 'no report'}`)
  const { body } = await jobyard.download(artifact, { signal })
  if (!body) throw new Error(`The report of job ${jobId} is empty`)
  response.writeHead(200, { 'content-type': artifact.contentType, 'content-length': artifact.size })
  await pipeline(Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (body)), response)
}

/**
 * Makes one job for the same report: when it is under way or was just made, Jobyard refuses and names that job.
 * @param {{ from: string, to: string }} period
 * @param {AbortSignal} signal
 */
async function submitReport(period, signal) {
  try {
    return (await jobyard.submit({ jobType: 'report.operations', parameters: period }, { signal })).id
  } catch (error) {
    if (isReason(error, 'DUPLICATE_JOB') && error.data.existingJobId) return error.data.existingJobId
    throw error
  }
}

/** @param {unknown} error @param {import('node:http').ServerResponse} response */
function fail(error, response) {
  if (response.headersSent || response.destroyed) return void response.destroy()
  // The caller is told what they got wrong. Everything else is our fault.
  const theirs = isReason(error, 'INVALID_PARAMETERS')
  console.error(error instanceof JobyardError ? `${error.reason}: ${error.message}` : error)
  response.writeHead(theirs ? 400 : 502, { 'content-type': 'application/json' })
  response.end(JSON.stringify(theirs ? error.data.fields : { message: 'The report could not be made.' }))
}
