import { defineHandler, PermanentError, type HandlerContext, z } from '@jobyard/handler'
import { parseAllowList } from '@/server/engine/domain/destination'
import { anyJson } from '@/server/engine/domain/scalars'
import { send, type Answer, type Outgoing } from './http/send'
import { toResult } from './http/result'
import { secretOfOrigin, sign } from './http/signature'

/** Headers that Jobyard or the connection sets. */
const RESERVED =
  /^(?:host|content-length|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|idempotency-key|jobyard-.*)$/i

const schema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' }).max(2_000),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    headers: z
      .record(
        z
          .string()
          .regex(
            /^[\w!#$%&'*+.^`|~-]{1,100}$/,
            'must be the name of a header: letters, digits and some signs such as "-", without spaces',
          )
          .refine((name) => !RESERVED.test(name), 'is set by Jobyard itself: leave it out'),
        // Node.js sends a header as Latin-1, so other characters have no place in it.
        z
          .string()
          .regex(
            /^[\t\x20-\x7e\x80-\xff]{0,4000}$/,
            'must be one line of Latin-1 text: other characters cannot be sent in a header',
          ),
      )
      .default({}),
    body: anyJson.optional(),
    mode: z.enum(['respond', 'report']).default('respond'),
  })
  .refine(({ url }) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
    path: ['url'],
    error: 'must not hold a user or password',
  })
  .refine(({ method, body }) => method !== 'GET' || body === undefined, {
    path: ['body'],
    error: 'must be absent with GET',
  })
type Params = z.output<typeof schema>

/**
 * Calls a service, so that a job type can be carried out outside. The service's answer is the result. In mode `report`,
 * or with an answer of 202, the service accepts the work and reports later, and this attempt waits for that.
 */
export default defineHandler({
  key: 'http.request',
  // It only waits, for the network and then for the report. The signal ends each wait.
  isolated: false,
  schema,
  jobType: {
    displayName: 'HTTP request',
    description:
      'Calls a service, so that the work is carried out outside: its answer is the result, or it reports when it is done.',
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: {
          type: 'string',
          format: 'uri',
          pattern: '^https?://[^/?#@]+(?:[/?#].*)?$',
          maxLength: 2_000,
          title: 'Address',
          description: 'Private and loopback addresses only where the installation allows them. No user or password.',
          examples: ['https://billing.example.com/jobs/invoice'],
        },
        method: { type: 'string', enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], default: 'POST', title: 'Method' },
        headers: {
          type: 'object',
          propertyNames: { pattern: "^[A-Za-z0-9_!#$%&'*+.^`|~-]{1,100}$" },
          additionalProperties: { type: 'string', maxLength: 4_000, pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' },
          title: 'Headers',
          description: 'Beside those that Jobyard sets. They may hold a key: they are shown to nobody.',
          'x-sensitive': true,
        },
        body: { title: 'Body', description: 'Any JSON; sent as it is.' },
        mode: {
          type: 'string',
          enum: ['respond', 'report'],
          default: 'respond',
          title: 'Mode',
          description:
            'respond: the answer is the result. report: the service accepts the work and reports when it is done; an answer of 202 means so in either mode.',
        },
      },
    },
  },
  async run(params, ctx) {
    const { outgoing, allow } = await prepare(params, ctx)
    const name = `${outgoing.method} ${outgoing.url.origin}${outgoing.url.pathname}`
    const answer = await traced(outgoing, ctx, (request) => send(request, { allow, signal: ctx.signal }))
    ctx.log.info(`${name} answered ${answer.status}`)
    if (answer.status < 200 || answer.status > 299) throw failure(name, answer, ctx)
    if (params.mode === 'respond' && answer.status !== 202) return toResult(answer)
    ctx.log.info('The service has accepted the work; waiting for its report')
    return untilStopped(ctx.signal)
  },
})

async function prepare({ url, method, headers, body, mode }: Params, ctx: HandlerContext) {
  const { outside, job, attempt } = ctx
  if (!outside)
    throw new PermanentError('http.request needs HTTP_REQUEST_SECRET and NEXTAUTH_URL in the worker’s environment.')
  const target = new URL(url)
  const text = body === undefined ? '' : JSON.stringify(body)
  const description = JSON.stringify({
    id: job.id,
    attempt,
    type: job.jobType,
    organizationId: job.organizationId,
    idempotencyKey: `${job.id}-${attempt}`,
    mode,
    timeoutSeconds: job.timeoutSeconds,
    callbackUrl: outside.callbackUrl,
    token: await ctx.attemptToken(),
  })
  const outgoing: Outgoing = {
    url: target,
    method,
    body: text,
    headers: {
      accept: 'application/json, text/*;q=0.8, */*;q=0.5',
      'user-agent': 'Jobyard',
      ...(text === '' ? {} : { 'content-type': 'application/json' }),
      ...lowerCased(headers),
      'content-length': String(Buffer.byteLength(text)),
      'idempotency-key': `${job.id}-${attempt}`,
      'jobyard-job': description,
      'jobyard-signature': sign({
        secret: secretOfOrigin(outside.secret, target.origin),
        seconds: Math.floor(Date.now() / 1000),
        job: description,
        body: text,
      }),
    },
  }
  return { outgoing, allow: parseAllowList(outside.allow) }
}

/**
 * Sends a request within the trace of the attempt, so that the service's own spans join it. A `traceparent` among the
 * job's headers was chosen by whoever submitted the job, and is left as it is.
 */
async function traced(
  outgoing: Outgoing,
  ctx: HandlerContext,
  call: (outgoing: Outgoing) => Promise<Answer>,
): Promise<Answer> {
  if (outgoing.headers.traceparent !== undefined) return call(outgoing)
  const span = ctx.traceCall(outgoing.method, outgoing.url)
  if (!span) return call(outgoing)
  try {
    const answer = await call({ ...outgoing, headers: { ...outgoing.headers, traceparent: span.traceparent } })
    span.end({ status: answer.status })
    return answer
  } catch (error) {
    span.end({ error })
    throw error
  }
}

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/**
 * The error for an answer, with its status and headers, by which domain/failure-class.ts classes it. 408, 425, 429 and
 * 5xx are TRANSIENT and may say when to come back. Other 4xx are PERMANENT, and so are redirects.
 */
function failure(name: string, { status, statusText, headers, body }: Answer, ctx: HandlerContext): Error {
  const said = new TextDecoder().decode(body.subarray(0, 1_000)).trim()
  if (said !== '') ctx.log.warn(`It said: ${said}`)
  if (status < 400)
    return new PermanentError(
      `${name} answered ${status}: redirects are not followed. Submit the job with the address that it names.`,
    )
  return Object.assign(new Error(`${name} answered ${status} ${statusText}`.trim()), { status, headers })
}

/** Waits for the signal and rejects with its reason. The service's report ends the attempt, and the signal fires. */
function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}
