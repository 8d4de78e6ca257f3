import { openAsBlob } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { handlerFiles } from './handlers.mjs'
import { readRunFile } from './run-file.mjs'
import { Refusal, say } from './say.mjs'

const usage = `npm run try -- NAME '{"some":"parameters"}'`
const usageOfFile = `npm run try -- NAME --file people.csv '{"some":"parameters"}'`
/** Milliseconds between two looks at the job. */
const pollMs = 250
/** How many times a question is asked again, each time a second later, where the server failed or did not answer. */
const retries = 20
const ended = new Set(['COMPLETED', 'CANCELED', 'DEAD_LETTER'])

/**
 * Submits one job, follows it to its end and prints what it says. Ctrl-C asks for its cancel; a second one leaves it.
 * @param {string[]} args
 * @returns {Promise<boolean>} whether it was completed
 */
export async function tryJob(args) {
  const { jobType, parameters, file } = argumentsOf(args)
  const api = connect()
  const { organizations } = await api('session.me')
  const organizationId = organizations[0]?.id
  if (!organizationId) throw new Refusal('The key belongs to no organization, so it can submit nothing.')
  if (file) parameters.uploadId = await upload(api, organizationId, file)
  /** @type {string | undefined} undefined until the answer to the submission is there */
  let jobId
  let asked = false
  const askForCancel = () =>
    jobId &&
    api('jobs.cancel', { jobId, reason: 'Ctrl-C in npm run try' }).catch((error) => {
      // The job has ended meanwhile, perhaps because this cancel had arrived before and its answer was lost.
      if (error.reason !== 'ILLEGAL_TRANSITION') say(`! The job goes on, its cancel failed: ${error.message}`)
    })
  const onCtrlC = () => {
    if (asked) {
      say(jobId ? 'left: the job goes on, or ends as it was asked to' : `left: the job may be at ${api.url}/jobs`)
      process.exit(1)
    }
    asked = true
    say('asking for its cancel; press Ctrl-C again to leave it')
    void askForCancel()
  }
  // Before the submission: a job whose answer is still on its way may run already.
  process.on('SIGINT', onCtrlC)
  try {
    const job = await api('jobs.submit', { organizationId, jobType, parameters, dedupe: false })
    say(`job ${job.id}  ${api.url}/jobs/${job.id}`)
    jobId = job.id
    if (asked) void askForCancel()
    return printOutcome(await follow(api, job.id), api.url)
  } finally {
    process.off('SIGINT', onCtrlC)
  }
}

/** @param {string[]} args @returns {{ jobType: string, parameters: any, file: string | undefined }} */
function argumentsOf(args) {
  const at = args.indexOf('--file')
  const file = at < 0 ? undefined : args[at + 1]
  if (at >= 0 && !file) throw new Refusal(`Name the file that the job is to read: ${usageOfFile}`)
  const [jobType, json = '{}', ...more] = at < 0 ? args : args.toSpliced(at, 2)
  if (!jobType || more.length > 0) throw new Refusal(`Name one job type and, in quotes, its parameters: ${usage}`)
  // npm runs the command in the folder of Jobyard, and says where it was called.
  return { jobType, parameters: parse(json), file: file && path.resolve(process.env.INIT_CWD ?? '', file) }
}

/**
 * Uploads a file, which the job gets as `uploadId`.
 * @param {Api} api @param {string} organizationId @param {string} file
 * @returns {Promise<string>} the id of the upload
 */
async function upload({ url, key }, organizationId, file) {
  const body = await openAsBlob(file).catch(() => null)
  if (!body) throw new Refusal(`The file ${file} cannot be read.`)
  const query = new URLSearchParams({ organizationId, name: path.basename(file) })
  const response = await fetch(new URL(`/api/uploads?${query}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' },
    body,
  })
  const answer = await response.json().catch(() => null)
  if (!response.ok)
    throw new Refusal(`The file was not taken: ${answer?.error?.message ?? answer?.message ?? response.status}`)
  return answer.uploadId
}

/** Prints progress, log and status as they come. @param {Api} api @param {string} jobId */
async function follow(api, jobId) {
  const lines = logReader(api, jobId)
  const missed = missedFailureReader(api, jobId)
  let shown = ''
  for (;;) {
    const job = await api('jobs.get', { jobId })
    for (const { level, message } of await lines()) say(`  ${level === 'INFO' ? '' : `${level} `}${message}`)
    for (const failure of await missed(job)) say(failure)
    const state = await stateOf(api, job)
    if (state !== shown) say((shown = state))
    if (ended.has(job.status)) return job
    await sleep(pollMs)
  }
}

/** One line about where the job stands. @param {Api} api @param {any} job */
async function stateOf(api, { id, status, progress, progressMessage, attempt, nextRetryAt, error }) {
  if (status === 'RUNNING') return `RUNNING ${progress} %${progressMessage ? ` ${progressMessage}` : ''}`
  if (status === 'FAILED' || status === 'TIMED_OUT')
    return `${status} in attempt ${attempt}: ${error?.message}; it is tried again at ${nextRetryAt}`
  if (status !== 'PENDING') return status
  const { reasons } = await api('jobs.explain', { jobId: id })
  return `PENDING${reasons[0] ? `: ${reasons[0].message}` : ''}`
}

/**
 * A retry may follow so soon that no look sees the job FAILED. These failures are told when the next attempt is seen.
 * @param {Api} api
 * @param {string} jobId
 * @returns {(job: { status: string, attempt: number }) => Promise<string[]>} a line for each that was not told
 */
function missedFailureReader(api, jobId) {
  /** The last attempt whose end needs no line here. */
  let told = 0
  return async ({ status, attempt }) => {
    const from = told
    const isTold = status === 'FAILED' || status === 'TIMED_OUT'
    told = Math.max(told, isTold ? attempt : attempt - 1)
    if (attempt - 1 <= from) return []
    /** @type {{ items: { attempt: number, outcome: string | null, error: { message: string } | null }[] }} */
    const { items } = await api('jobs.attempts', { jobId })
    return items
      .filter(
        (each) => each.attempt > from && each.attempt < attempt && /^(FAILED|TIMED_OUT)$/.test(each.outcome ?? ''),
      )
      .map((each) => `${each.outcome} in attempt ${each.attempt}: ${each.error?.message}`)
  }
}

/**
 * @param {Api} api
 * @param {string} jobId
 * @returns {() => Promise<{ level: string, message: string }[]>} the lines since the last call
 */
function logReader(api, jobId) {
  let last = 0
  /** @type {string | null} */
  let cursor = null
  return async () => {
    const fresh = []
    for (;;) {
      /** @type {{ items: { line: number, level: string, message: string }[], nextCursor: string | null }} */
      const page = await api('jobs.logs', { jobId, limit: 1000, ...(cursor ? { cursor } : {}) })
      fresh.push(...page.items.filter(({ line }) => line > last))
      last = Math.max(last, ...page.items.map(({ line }) => line))
      // The last page may grow, so it is read again at the next call.
      if (!page.nextCursor) return fresh
      cursor = page.nextCursor
    }
  }
}

/** @param {any} job @param {string} url */
function printOutcome({ status, result, error, artifacts }, url) {
  for (const { name, size, url: at } of artifacts ?? []) say(`artifact ${name}, ${size} bytes: ${new URL(at, url)}`)
  if (status === 'COMPLETED') say(`result ${JSON.stringify(result, null, 2)}`)
  if (error) say(`error ${error.class}: ${error.message}`)
  return status === 'COMPLETED'
}

/** @param {string} json */
function parse(json) {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Refusal(
      `The parameters are no JSON (${error instanceof Error ? error.message : error}). Put them in single quotes: ${usage}`,
    )
  }
}

/**
 * @typedef {((procedure: string, input?: object) => Promise<any>) & { url: string, key: string }} Api
 * @returns {Api}
 */
function connect() {
  const { url, key } = target()
  const call = async (/** @type {string} */ procedure, /** @type {object | undefined} */ input) => {
    const writes = /\.(?:submit|cancel)$/.test(procedure)
    const address = new URL(`/api/trpc/${procedure}`, url)
    if (!writes && input) address.searchParams.set('input', JSON.stringify(input))
    const ask = () =>
      fetch(address, {
        method: writes ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: writes ? JSON.stringify(input) : undefined,
      }).catch((error) => {
        if (mayBeAskedAgain(procedure)) return null
        throw doesNotAnswer(error)
      })
    const doesNotAnswer = (/** @type {any} */ error) =>
      new Refusal(`${url} does not answer (${error.cause?.code ?? error.message}). Does Jobyard run there?`)
    let response = await ask()
    // A server that starts anew meanwhile, as under `npm run dev`, must not end what follows a job.
    for (
      let tries = 0;
      mayBeAskedAgain(procedure) && !(response && response.status < 500) && tries < retries;
      tries++
    ) {
      await sleep(1_000)
      response = await ask()
    }
    if (!response) throw doesNotAnswer(new Error(`for ${retries} s`))
    const answer = await response.json().catch(() => null)
    if (answer?.result) return answer.result.data
    throw refusal(answer?.error, `${url} answered ${response.status}.`, handlerFiles())
  }
  return Object.assign(call, { url, key })
}

/**
 * What a refusal says, with its wrong fields above it. Where a job type is missing although its handler lies in the
 * folder, the Jobyard that runs was started before the file was there.
 * @param {{ message: string, data?: { reason?: string, fields?: { path: string, message: string }[] } } | undefined} error
 * @param {string} otherwise what to say where the answer has no error
 * @param {string[]} files handlers of one's own
 */
export function refusal(error, otherwise, files) {
  if (!error) return new Refusal(otherwise)
  const { message, data } = error
  const missing = data?.reason === 'UNKNOWN_JOB_TYPE' ? /"([^"]+)"/.exec(message)?.[1] : undefined
  const file = missing && files.find((name) => name.replace(/\.[cm]?[jt]s$/, '') === missing)
  if (file)
    return new Refusal(
      `There is no job type "${missing}" yet, although ${file} is there. Under \`npm run dev\` it is made within seconds, unless the terminal of it says what is wrong with the file. \`npm start\` makes it when it starts: stop it with Ctrl-C, and start it again.`,
    )
  // Where a single field is wrong, the message often says it all.
  const fields = (data?.fields ?? []).filter((field, _, all) => all.length > 1 || !message.includes(field.message))
  const refused = new Refusal(message, fields.map((field) => `  ${field.path} ${field.message}`).join('\n'))
  return Object.assign(refused, { reason: data?.reason })
}

/**
 * The first call tells whether anything runs there, so it is not asked again. A second submission would be a second
 * job.
 * @param {string} procedure
 */
const mayBeAskedAgain = (procedure) => procedure !== 'session.me' && procedure !== 'jobs.submit'

/** Which Jobyard is meant, and a key of it. */
function target() {
  const { JOBYARD_URL: url, JOBYARD_API_KEY: key } = process.env
  if (url && key) return { url, key }
  if (url || key) throw new Refusal('Set both JOBYARD_URL and JOBYARD_API_KEY, or none of them.')
  const run = readRunFile()
  if (!run)
    throw new Refusal(
      'No Jobyard runs from this folder. Start one (`npm run dev`), or set JOBYARD_URL and JOBYARD_API_KEY.',
    )
  const [first] = run.apiKeys.filter(({ role, organizationId }) => role === 'ADMIN' && organizationId)
  if (!first)
    throw new Refusal(
      `The Jobyard at ${run.url} has no demo keys. Make a key in the dashboard and set JOBYARD_URL and JOBYARD_API_KEY.`,
    )
  return { url: run.url, key: first.key }
}
