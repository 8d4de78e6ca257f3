import fc, { type Arbitrary } from 'fast-check'
import type { z } from 'zod'
import { REFUSALS } from '@/server/engine/domain/errors'
import type { Json } from '@/server/engine/domain/types'
import { handleTrpc } from '../http'
import { ORIGIN, type World } from '@/testing/api-world'
import { appRouter } from '../root'
import type { Services } from '../services'
import { damages, textDamages, writeJson, type Damage } from './damage.fixture'
import { inputsOf } from './inputs.fixture'
import type { Known } from './known.fixture'

/** A procedure, taken from the router. There is no list of procedures here, so none can be forgotten. */
export interface Procedure {
  path: string
  type: 'query' | 'mutation' | 'subscription'
  input: z.ZodType | undefined
}

export const procedures: Procedure[] = Object.entries(appRouter._def.procedures).map(([path, procedure]) => {
  const { type, inputs } = (procedure as unknown as { _def: { type: Procedure['type']; inputs: z.ZodType[] } })._def
  return { path, type, input: inputs.at(-1) }
})

/** One call. Its references are not replaced by ids yet. */
export interface Call {
  procedure: Procedure
  who: string
  input: Json | undefined
  /** A change to the finished JSON text. */
  spoil: ((text: string) => string | Uint8Array<ArrayBuffer>) | null
  /** A change to the request. */
  transport: Transport
}
/** How a call is sent: `plain`, or with one thing that is unusual or wrong. */
type Transport =
  | 'plain'
  | 'batch'
  | 'lines'
  | 'form'
  | 'text'
  | 'no type'
  | 'charset'
  | 'gzip'
  | 'other method'
  | 'foreign origin'
  | 'path'

const CALLERS: { weight: number; who: string }[] = [
  { weight: 8, who: 'root' },
  { weight: 8, who: 'acme.ADMIN' },
  { weight: 4, who: 'cookie' },
  ...['acme.OPERATOR', 'acme.VIEWER', 'globex.ADMIN'].map((who) => ({ weight: 4, who })),
  ...['nobody', 'broken key'].map((who) => ({ weight: 1, who })),
]

export function callsOf(procedure: Procedure): Arbitrary<Call> {
  const damaged = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Damage[]>([]) },
    { weight: 5, arbitrary: fc.array(damages, { minLength: 1, maxLength: 3 }) },
  )
  return fc
    .record({
      who: fc.oneof(...CALLERS.map(({ weight, who }) => ({ weight, arbitrary: fc.constant(who) }))),
      input: inputsOf(procedure.input),
      damaged,
      spoil: fc.oneof({ weight: 11, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: textDamages }),
      transport: fc.oneof(
        { weight: 30, arbitrary: fc.constant<Transport>('plain') },
        {
          weight: 6,
          arbitrary: fc.constantFrom<Transport[]>(
            'batch',
            'lines',
            'form',
            'text',
            'no type',
            'charset',
            'gzip',
            'other method',
            'foreign origin',
            'path',
          ),
        },
      ),
    })
    .map(({ damaged: list, ...call }) => ({
      ...call,
      procedure,
      input: list.reduce<Json | undefined>((input, damage) => damage(input), call.input),
    }))
}

export interface Result {
  status: number
  text: string
  /** How the call ended: `ok`, or the reason of its refusal. */
  outcome: string
  /** What is wrong with the answer. Empty when all is well. */
  faults: string[]
}

/** Makes a call as a program would, and checks the answer. */
export async function make(
  call: Call,
  { services, world, known }: { services: Services; world: World; known: Known },
): Promise<Result> {
  const leaving = new AbortController()
  const response = await handleTrpc(requestOf(call, world, known, leaving.signal), services)
  const streams = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = streams ? await firstPart(response, leaving) : await response.text()
  known.learn(text)
  const outcomes = streams ? streamOutcomes(text) : bodyOutcomes(response.status, text)
  const faults = [...outcomes.flatMap(({ fault }) => fault ?? []), ...leaks(text)]
  if (response.status >= 500) faults.push(`status ${response.status}`)
  return { status: response.status, text, outcome: outcomes[0]?.outcome ?? 'nothing', faults }
}

function requestOf(
  { procedure, who, input, spoil, transport }: Call,
  world: World,
  known: Known,
  signal: AbortSignal,
): Request {
  const written = writeJson(known.resolve(input))
  // What is answered in lines is a batch, here of one call.
  const whole = transport === 'lines' ? (written ? `{"0":${written}}` : '{}') : written
  const content = spoil ? spoil(whole) : whole
  const json = transport === 'batch' ? `{"0":${written || 'null'},"1":${written || 'null'}}` : content
  const path =
    transport === 'path'
      ? `${procedure.path}%00,__proto__,constructor.name,${procedure.path}/..`
      : transport === 'batch'
        ? `${procedure.path},${procedure.path}`
        : procedure.path
  const headers = headersOf(who, transport, world)
  const batch = transport === 'batch' || transport === 'lines' ? '&batch=1' : ''
  if ((procedure.type === 'mutation') === (transport !== 'other method')) {
    const body = transport === 'form' ? new URLSearchParams({ input: written }) : json
    return new Request(`${ORIGIN}/api/trpc/${path}?${batch}`, { method: 'POST', headers, body, signal })
  }
  // The input of a query is sent in the URL, where lone surrogates and bytes outside of UTF-8 are written in another
  // way.
  const text =
    typeof json === 'string'
      ? encodeURIComponent(json.toWellFormed())
      : [...json].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const none = written === '' && !spoil
  headers.delete('content-type')
  return new Request(`${ORIGIN}/api/trpc/${path}?${none ? '' : `input=${text}`}${batch}`, { headers, signal })
}

const CONTENT_TYPES: Partial<Record<Transport, string>> = {
  text: 'text/plain',
  charset: 'application/json; charset=utf-16le',
  form: 'application/x-www-form-urlencoded',
}

function headersOf(who: string, transport: Transport, world: World): Headers {
  const headers = new Headers({ host: new URL(ORIGIN).host })
  if (who === 'cookie') headers.set('cookie', world.cookies['acme.ADMIN']!)
  else if (who === 'broken key') headers.set('authorization', `Bearer ${world.keys.root!.slice(0, -1)}`)
  else if (who !== 'nobody') headers.set('authorization', `Bearer ${world.keys[who]!}`)
  if (transport !== 'no type') headers.set('content-type', CONTENT_TYPES[transport] ?? 'application/json')
  if (transport === 'gzip') headers.set('content-encoding', 'gzip')
  if (transport === 'lines') headers.set('trpc-accept', 'application/jsonl')
  if (transport === 'foreign origin') headers.set('origin', 'https://evil.example')
  return headers
}

/** Reads the beginning of a subscription. Then its reader leaves. */
async function firstPart(response: Response, leaving: AbortController): Promise<string> {
  const reader = response.body!.getReader()
  let text = ''
  // The greeting comes first. An event or a refusal may follow at once.
  for (let part = 0; part < 2; part++) {
    const read = await Promise.race([
      reader.read(),
      new Promise<null>((resolve) => setTimeout(() => resolve(null), 40)),
    ])
    if (read === null || read.done) break
    text += new TextDecoder().decode(read.value)
  }
  leaving.abort()
  await reader.cancel().catch(() => undefined)
  return text
}

interface Outcome {
  outcome: string
  fault?: string
}

function bodyOutcomes(status: number, text: string): Outcome[] {
  let documents: unknown[]
  try {
    documents = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): unknown => JSON.parse(line))
  } catch {
    return [{ outcome: 'unreadable', fault: 'no JSON' }]
  }
  const [body, ...lines] = documents
  // A batch that is answered in lines has several documents. The first names the calls, the others say how they ended.
  if (lines.length > 0) {
    const refusals = refusalsIn(lines)
    return refusals.length > 0 ? refusals.flatMap(outcomeOf) : [{ outcome: 'ok' }]
  }
  if (Array.isArray(body)) return body.flatMap((each) => outcomeOf(each))
  const outcomes = outcomeOf(body)
  const refused = outcomes[0]?.outcome !== 'ok'
  return refused && status < 400 ? [{ outcome: 'refused', fault: `a refusal with status ${status}` }] : outcomes
}

/** The refusals of calls, wherever they stand in an answer. The error of a job has no `data`, so it is none. */
function refusalsIn(value: unknown): { error: Refused }[] {
  if (typeof value !== 'object' || value === null) return []
  const { error } = value as { error?: Refused | null }
  return typeof error === 'object' && error?.data ? [{ error }] : Object.values(value).flatMap(refusalsIn)
}

function streamOutcomes(text: string): Outcome[] {
  const [, data] = /^event: serialized-error\ndata: (.*)$/m.exec(text) ?? []
  return data ? outcomeOf({ error: JSON.parse(data) as unknown }) : [{ outcome: 'ok' }]
}

interface Refused {
  message?: unknown
  data?: { code?: unknown; httpStatus?: unknown; reason?: unknown; fields?: { path?: unknown; message?: unknown }[] }
}

/**
 * Checks a refusal. Its reason must be known. It must have a message and a status. If the input is at fault, it must
 * name the field.
 */
function outcomeOf(answer: unknown): Outcome[] {
  const { error } = (answer ?? {}) as { error?: Refused }
  if (!error) return [{ outcome: 'ok' }]
  const { data, message } = error
  const outcome = String(data?.reason)
  const fields = data?.fields
  const fault = !(REFUSALS as readonly unknown[]).includes(data?.reason)
    ? `unknown reason ${outcome}`
    : outcome === 'INTERNAL'
      ? 'INTERNAL'
      : typeof message !== 'string' || message === '' || message.length > 3_000
        ? `message of ${String(message).length} characters`
        : typeof data?.code !== 'string' || typeof data.httpStatus !== 'number'
          ? 'no code or status'
          : outcome === 'INVALID_INPUT' && !(Array.isArray(fields) && fields.length > 0)
            ? 'INVALID_INPUT without a field'
            : fields?.some(
                  ({ path, message: words }) => typeof path !== 'string' || typeof words !== 'string' || words === '',
                )
              ? 'a field without path or words'
              : undefined
  return [{ outcome, fault }]
}

// Texts that no input contains. If one of them appears in an answer, it comes from inside the server.
const INSIDES: [string, RegExp][] = [
  ['a stack', /\n\s+at \S|\\n\s+at \S|"stack":"[^"]/],
  ['a path', /node_modules|\.tsx?:\d|\/server\/(?:api|engine)/],
  [
    'SQL',
    /\b(?:job_inputs|execution_logs|org_members|api_keys|jsonb_to_recordset|22P0\d|23\d{3}\b.*constraint)\b|\bselect\b[^"]*\bfrom\b[^"]*\bwhere\b/i,
  ],
  ['Prisma', /prisma|invocation|DriverAdapter|\bP20\d\d\b/i],
]
const leaks = (text: string): string[] => {
  if (text.includes(process.cwd())) return ['the folder of the project']
  return INSIDES.filter(([, pattern]) => pattern.test(text)).map(([what]) => `shows ${what}`)
}
