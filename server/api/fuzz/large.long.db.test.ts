import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, expect, it } from 'vitest'
import { claimJobs, dispatchJobs, issueAttemptToken, registerWorker } from '@/server/engine'
import { openApi } from '@/testing/api'
import { shapeOf, type Shape } from '../input/shape'
import { procedures, type Procedure } from './calls.fixture'

// Sends bodies nearly as large as allowed (0.9 of 1 MiB, for submitMany 12 of 16 MiB) to every procedure that takes a
// body. They contain what takes long to read. bench/hard-input.ts measures how long other calls wait meanwhile. This test
// only checks that the process does not hang, so that it also passes on a slow machine. Bodies that once made the process
// hang did so for two to nine seconds.
const SILENCE_MS = 1_500
// Trying all kinds with each procedure takes minutes (`npm run test:long`). Otherwise each procedure gets some of the
// kinds, and each kind goes to some procedures.
const KINDS_EACH = 2

const { api, world, services, close } = await openApi()
afterAll(close)

/** The token of an attempt that runs. `attempts.*` take nothing else, and refuse an API key before they read the body. */
async function attemptToken(): Promise<string> {
  const worker = { id: uuidv7(), host: 'rack-7', pid: 4711, isolatedSlots: 4, inlineSlots: 100 }
  await registerWorker(services.db, worker)
  const job = { organizationId: world.acme, jobType: 'test.noop', dedupe: false }
  await api.mutate('jobs.submit', job, { key: world.keys['acme.OPERATOR'] })
  const [claimed] = await claimJobs(services.db, worker.id, await dispatchJobs(services.db, 'INLINE', 1))
  return (await issueAttemptToken(services.db, claimed!))!
}

const repeat = (text: string, bytes: number, between = ','): string =>
  `${text}${between}`.repeat(Math.max(0, Math.floor(bytes / (text.length + between.length)) - 1)) + text
const names = (bytes: number): string =>
  `{${Array.from({ length: Math.floor(bytes / 12) }, (_, n) => `"k${n}":0`).join(',')}}`
const KINDS: { [kind: string]: (bytes: number) => string } = {
  zeros: (bytes) => `[${repeat('0', bytes)}]`,
  'empty objects': (bytes) => `[${repeat('{}', bytes)}]`,
  'empty texts': (bytes) => `[${repeat('""', bytes)}]`,
  names,
  'lists of lists': (bytes) => repeat('[', bytes / 2, '') + repeat(']', bytes / 2, ''),
  text: (bytes) => `"${repeat('x', bytes, '')}"`,
  escapes: (bytes) => `"${repeat('\\u0000', bytes, '')}"`,
  'numbers that cannot be kept': (bytes) => `[${repeat('9007199254740993', bytes)}]`,
}

const isOfAttempts = ({ path }: Procedure) => path.startsWith('attempts.')

/**
 * The procedures that take a body, `attempts.*` first: the token is good for as long as its attempt may run, which is
 * five minutes, and the whole test may take longer.
 */
const mutations = procedures
  .filter(({ type }) => type === 'mutation')
  .sort((one, other) => Number(isOfAttempts(other)) - Number(isOfAttempts(one)))

type Kind = [kind: string, make: (bytes: number) => string]

/** The kinds for the procedure at this place in the list. */
function kindsFor(place: number): Kind[] {
  const all = Object.entries(KINDS)
  if (process.env.LONG) return all
  return Array.from({ length: KINDS_EACH }, (_, n) => all[(place * KINDS_EACH + n) % all.length]!)
}

/** Inputs for a procedure in which one member takes nearly all bytes. Of the other members, most are left out. */
function* inputs(shape: Shape, bytes: number, kinds: readonly Kind[]): Generator<[what: string, text: string]> {
  // A field that is not known might be refused before the large one is read.
  const needsOrganization = shape.kind === 'object' && shape.members.has('organizationId')
  const withMember = (name: string, value: string) =>
    `{${needsOrganization && name !== 'organizationId' ? `"organizationId":"${world.acme}",` : ''}"${name}":${value}}`
  for (const [kind, make] of kinds) {
    yield [`${kind} as its input`, make(bytes)]
    if (shape.kind !== 'object') continue
    yield [`an unknown field of ${kind}`, withMember('x', make(bytes))]
    for (const [name, inner] of shape.members) {
      // A list or object in place of a scalar is refused alike, whatever it holds, so `zeros` alone is enough.
      if (inner.kind === 'scalar' && kind !== 'zeros') continue
      yield [`${kind} as ${name}`, withMember(name, make(bytes))]
      if (inner.kind === 'list' && inner.items.kind === 'object') {
        yield [`${name} with ${kind} in an unknown field`, withMember(name, `[{"x":${make(bytes)}}]`)]
        if (inner.items.members.has('parameters'))
          yield [
            `${name} with ${kind} in parameters`,
            withMember(name, `[${repeat(`{"jobType":"test.noop","parameters":${make(250_000)}}`, bytes)}]`),
          ]
      }
    }
  }
  yield ['blanks', ' '.repeat(bytes)]
}

it(
  'large bodies, of many kinds of contents, do not keep the web process from answering others',
  { timeout: 600_000 },
  async () => {
    const slow: string[] = []
    const unread: string[] = []
    let sent = 0
    const token = await attemptToken()
    for (const [place, procedure] of mutations.entries()) {
      const { path, input } = procedure
      const bytes = (path === 'jobs.submitMany' ? 12 : 0.9) * 1024 * 1024
      for (const [what, text] of inputs(shapeOf(input), bytes, kindsFor(place))) {
        await sleep(0)
        const silence = monitorEventLoopDelay({ resolution: 5 })
        silence.enable()
        await sleep(10)
        const { status, error } = await api.mutate(path, text, {
          key: isOfAttempts(procedure) ? token : world.keys.root,
        })
        await sleep(10)
        silence.disable()
        sent++
        const ms = Math.round(silence.max / 1e6)
        if (ms > SILENCE_MS || status >= 500) slow.push(`${path}, ${what}: ${ms} ms, answered ${status}`)
        // A key has no account, so `account.*` is not permitted to it, whatever the body holds.
        const refusedForCaller = ['UNAUTHENTICATED', 'NOT_PERMITTED', 'RATE_LIMITED'].includes(error?.data.reason)
        if (refusedForCaller && !path.startsWith('account.')) unread.push(`${path}, ${what}: ${error.data.reason}`)
      }
    }
    expect(slow).toEqual([])
    expect(unread).toEqual([])
    expect(sent).toBeGreaterThan(procedures.length)
  },
)
