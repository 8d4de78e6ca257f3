import { randomBytes } from 'node:crypto'
import { expect } from '@playwright/test'
import { baseUrl, databaseUrl, run, type Role, type RunFile } from './instance'

export { baseUrl, databaseUrl, type Role }

/**
 * Two organizations with their accounts and keys. Each worker of Playwright has its own two, so that tests do not
 * disturb each other.
 */
export interface World {
  home: string
  foreign: string
  accounts: RunFile['accounts']
  apiKeys: RunFile['apiKeys']
}

function demoWorld(): World {
  const [first, second] = new Set(run.accounts.flatMap(({ organizationId }) => organizationId ?? []))
  if (!first || !second) throw new Error('The demo must hold at least two organizations.')
  return { home: first, foreign: second, accounts: run.accounts, apiKeys: run.apiKeys }
}
/** The organizations that `npm start` makes, and the accounts and keys of run.json, also those of the platform. */
export const demo = demoWorld()

// The first worker of Playwright (TEST_PARALLEL_INDEX 0) uses the demo, the others what make-worlds.ts has made.
const addedWorlds = JSON.parse(process.env.E2E_WORLDS ?? '[]') as World[]
const mine = [demo, ...addedWorlds][Number(process.env.TEST_PARALLEL_INDEX ?? 0)] ?? demo
/** The organization in which the tests work, and another one that must see nothing of it. */
export const { home, foreign } = mine

// System admins and keys of the platform belong to no organization. The worlds that were added have those of the demo.
const everybody = [mine, demo]

export function account(role: Role, organizationId: string | null = home) {
  const found = everybody
    .flatMap(({ accounts }) => accounts)
    .find((one) => one.role === role && one.organizationId === organizationId)
  if (!found) throw new Error(`There is no account ${role} of ${organizationId}.`)
  return found
}

export function key(role: Role, organizationId: string | null = home): string {
  const found = everybody
    .flatMap(({ apiKeys }) => apiKeys)
    .find((one) => one.role === role && one.organizationId === organizationId)
  if (!found) throw new Error(`There is no API key ${role} of ${organizationId}.`)
  return found.key
}

/** A word that nobody else uses. It makes parameters unique, and a search finds it again. */
export const uniqueWord = () => `e2e${randomBytes(6).toString('hex')}`

export type Status =
  'PENDING' | 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'TIMED_OUT' | 'CANCELED' | 'DEAD_LETTER'
export interface Actor {
  type: 'user' | 'key' | 'system'
  id: string | null
  name: string
}
/**
 * A job as rule 5 of docs/specification.md describes it. It is written out here again, because the tests must compare
 * answers with the rule and not with the code's own types.
 */
export interface Job {
  id: string
  organizationId: string
  jobType: string
  status: Status
  parameters: Record<string, unknown>
  progress: number
  result: unknown
  artifacts: { name: string; contentType: string; size: number; url: string }[]
  error: { message: string; class: string; fingerprint: string } | null
  attempt: number
  failures: number
  submittedBy: Actor
  canceledBy: Actor | null
  cancelReason: string | null
}
export interface HistoryItem {
  fromStatus: Status | null
  toStatus: Status
  at: string
  actor: Actor
  message: string | null
  attempt: number
}
export interface Refusal {
  message: string
  data: {
    code: string
    httpStatus: number
    reason: string
    fields?: { path: string; message: string }[]
    existingJobId?: string
    existingStatus?: Status
  }
}
export interface Answer<T> {
  status: number
  data: T
  error: Refusal | undefined
}

/** A caller of the API. It is a service with an API key, or a script with somebody's session cookie. */
export function client(headers: Record<string, string>) {
  const send = async <T>(path: string, init: RequestInit = {}): Promise<Answer<T>> => {
    const response = await fetch(`${baseUrl}/api/trpc/${path}`, { ...init, headers: { ...headers, ...init.headers } })
    const body = (await response.json()) as { result?: { data: T }; error?: Refusal }
    return { status: response.status, data: body.result?.data as T, error: body.error }
  }
  const query = <T>(procedure: string, input?: object) =>
    send<T>(input ? `${procedure}?input=${encodeURIComponent(JSON.stringify(input))}` : procedure)
  const mutate = <T>(procedure: string, input: unknown, more: Record<string, string> = {}) =>
    send<T>(procedure, {
      method: 'POST',
      body: JSON.stringify(input),
      headers: { 'content-type': 'application/json', ...more },
    })

  /** A change that must be accepted. Returns what it gives. */
  async function change<T>(procedure: string, input: unknown): Promise<T> {
    const { data, error } = await mutate<T>(procedure, input)
    expect(error, `${procedure} is accepted`).toBeUndefined()
    return data
  }

  const trySubmit = (job: object, organizationId = home) => mutate<Job>('jobs.submit', { organizationId, ...job })
  return {
    headers,
    send,
    query,
    mutate,
    change,
    trySubmit,
    /** Submits a job that must be accepted. */
    async submit(job: object, organizationId = home): Promise<Job> {
      const answer = await trySubmit(job, organizationId)
      expect(answer.error, 'the submission is accepted').toBeUndefined()
      return answer.data
    },
    async get(jobId: string): Promise<Job> {
      const answer = await query<Job>('jobs.get', { jobId })
      expect(answer.error).toBeUndefined()
      return answer.data
    },
    async history(jobId: string): Promise<HistoryItem[]> {
      return (await query<{ items: HistoryItem[] }>('jobs.history', { jobId })).data.items
    },
    async until(jobId: string, status: Status, timeout = 20_000): Promise<Job> {
      let job: Job | undefined
      await expect
        .poll(async () => (job = await this.get(jobId)).status, {
          message: `job ${jobId} becomes ${status}`,
          timeout,
          intervals: [100, 200, 400],
        })
        .toBe(status)
      return job as Job
    },
  }
}
export type Client = ReturnType<typeof client>

export const withKey = (role: Role, organizationId: string | null = home): Client =>
  client({ authorization: `Bearer ${key(role, organizationId)}` })
