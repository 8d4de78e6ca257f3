import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { createMissingJobTypes } from '@/server/engine'
import { queueOf } from '@/worker/catalog/catalog'
import type { Json } from '@/server/engine/domain/types'
import { jobType } from '@/server/engine/domain/job-type-config'
import { byteByByte, signInsAtOnce, type Answered, type Flood } from './floods'
import { HARD_BODIES, HARD_SCHEMAS, HARD_VALUES } from './hard-inputs'
import { line } from './line'
import { createBenchKey, ORGANIZATION, prepareDatabase } from './prepare'
import { startWebProcess } from './web-process'

/**
 * Milliseconds for which the other caller is watched after the answer, because what was thrown away may still take
 * time.
 */
const AFTER_MS = 300
const BAR_MS = 250

/**
 * Rule 10: how long another caller's calls take while hard input is checked. One caller sends inputs that take long to
 * read or to check, one after the other. Another one calls all the time. The figure of each input is the longest of
 * these calls. The first figure is measured while nothing else goes on.
 */
export async function hardInput(options: {
  databaseUrl: string
  clone: string
  bodies: boolean
  floods: boolean
  schemas: boolean
}): Promise<boolean> {
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const keys = { VIEWER: await createBenchKey(db, 'VIEWER'), OPERATOR: await createBenchKey(db, 'OPERATOR') }
  const other = await createBenchKey(db, 'VIEWER')
  const types = HARD_SCHEMAS.map(({ schema }, n) =>
    jobType({
      name: `hard.${n}`,
      displayName: 'Hard',
      description: '',
      handler: 'sample.noop',
      parameterSchema: { type: 'object', properties: { value: schema as Json } },
    }),
  )
  await createMissingJobTypes(db, types, queueOf)
  const web = await startWebProcess(options)
  const agent = new Agent({ keepAlive: true })
  const me = () => send(`${web.url}/api/trpc/session.me`, 'GET', other, undefined, agent)
  try {
    for (let n = 0; n < 50; n++) await me() // so that its code is there and optimized
    let worst = 0
    const idle = await longestCall(me, () => sleep(2_000))
    line('another caller’s call while nothing goes on, longest', idle.longest, 'ms', undefined)
    for (const { what, who, procedure, body } of options.bodies ? HARD_BODIES : []) {
      const text = body(ORGANIZATION)
      const { longest, answer } = await longestCall(me, () =>
        send(`${web.url}/api/trpc/${procedure}`, 'POST', keys[who], text, agent),
      )
      report(what, longest, answer)
      worst = Math.max(worst, longest)
    }
    for (const [what, flood] of options.floods ? await floods(web.url, keys.OPERATOR) : []) {
      const { longest, answer } = await longestCall(me, flood)
      report(what, longest, answer)
      worst = Math.max(worst, longest)
    }
    if (options.bodies) {
      const large = await largeLists(web.url, keys.OPERATOR, agent, (lists) => longestCall(me, lists))
      report('eight lists at once of 50 jobs of 230 kB, parameters included', large.longest, large.answer)
      worst = Math.max(worst, large.longest)
    }
    for (const [n, { what, value }] of options.schemas ? HARD_SCHEMAS.entries() : []) {
      for (const [kind, given] of value ? [['', value] as const] : HARD_VALUES) {
        const text = JSON.stringify({
          organizationId: ORGANIZATION,
          jobType: `hard.${n}`,
          dedupe: false,
          parameters: { value: given() },
        })
        const { longest, answer } = await longestCall(me, () =>
          send(`${web.url}/api/trpc/jobs.submit`, 'POST', keys.OPERATOR, text, agent),
        )
        report(`${what}${kind && ` against ${kind}`}`, longest, answer)
        worst = Math.max(worst, longest)
      }
    }
    line('memory of the web process after all of it', web.memory(), 'MiB', undefined)
    return line('another caller’s call while hard input is checked, longest', worst, 'ms', { below: BAR_MS })
  } finally {
    agent.destroy()
    await web.stop()
    await db.$disconnect()
  }
}

/** Requests that are dear by how they come and not by what they hold. */
async function floods(url: string, key: string): Promise<[string, Flood][]> {
  const body = JSON.stringify({
    organizationId: ORGANIZATION,
    jobType: 'sample.noop',
    dedupe: false,
    parameters: { text: 'x'.repeat(250_000) },
  })
  return [
    ['a body of 250 kB in chunks of one byte, as fast as it goes', byteByByte(url, key, body, 0)],
    ['a body in chunks of one byte, one every 50 ms', byteByByte(url, key, body, 50)],
    ['200 sign-ins at once', await signInsAtOnce(url, 200)],
  ]
}

/** Reads lists whose every page is as large as a page may be. */
async function largeLists<T>(
  url: string,
  key: string,
  agent: Agent,
  timed: (lists: () => Promise<Answered>) => Promise<T>,
): Promise<T> {
  for (let n = 0; n < 50; n++) {
    const parameters = { n, text: 'x'.repeat(230_000) }
    await send(
      `${url}/api/trpc/jobs.submit`,
      'POST',
      key,
      JSON.stringify({ organizationId: ORGANIZATION, jobType: 'sample.noop', parameters }),
      agent,
    )
  }
  const input = encodeURIComponent(JSON.stringify({ organizationId: ORGANIZATION, limit: 50, include: ['parameters'] }))
  return timed(
    async () =>
      (
        await Promise.all(
          Array.from({ length: 8 }, () =>
            send(`${url}/api/trpc/jobs.list?input=${input}`, 'GET', key, undefined, agent),
          ),
        )
      )[0]!,
  )
}

const report = (what: string, longest: number, { status, reason, ms }: Answered) =>
  line(
    `another caller’s call during: ${what} (answered ${status}${reason ? ` ${reason}` : ''} after ${Math.round(ms)} ms)`,
    longest,
    'ms',
    undefined,
  )

/** The longest call of the other caller, from the beginning of the hard call to its end. */
async function longestCall<T>(
  call: () => Promise<unknown>,
  hard: () => Promise<T>,
): Promise<{ longest: number; answer: T }> {
  let longest = 0
  let over = false
  const caller = (async () => {
    while (!over) {
      const from = performance.now()
      await call()
      longest = Math.max(longest, performance.now() - from)
      await sleep(3)
    }
  })()
  const answer = await hard()
  await sleep(AFTER_MS)
  over = true
  await caller
  return { longest, answer }
}

function send(url: string, method: string, key: string, body: string | undefined, agent: Agent): Promise<Answered> {
  const from = performance.now()
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  return new Promise((resolve) => {
    // A call with a body has a connection of its own, because the server may close it over the body.
    const sent = request(url, { method, headers, agent: body === undefined ? agent : undefined }, (response) => {
      let text = ''
      const done = () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: /"reason":"(\w+)"/.exec(text)?.[1],
          ms: performance.now() - from,
        })
      // The reason of a refusal stands at the beginning. The rest of a large list is not kept.
      response.setEncoding('utf8').on('data', (part: string) => (text.length < 10_000 ? (text += part) : undefined))
      response.on('end', done).on('error', done)
    })
    // The connection may be closed while the rest is still being sent.
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, reason: error.code, ms: performance.now() - from }),
    )
    sent.end(body)
  })
}
