import { initTRPC } from '@trpc/server'
import { authenticate, authenticateAttempt } from '@/server/auth/authenticate'
import { actorOf, scopeOf, type Principal } from '@/server/auth/principal'
import { EngineError, type JobOrigin } from '@/server/engine'
import type { OpenSpan } from '@/server/telemetry/tracing/tracing'
import { clientAddress } from './address'
import { shapeError } from './errors'
import { refuseForeignOrigin } from './origin'
import { originOf } from './request-origin'
import type { RequestInput } from './input/request-input'
import type { ProcedureMeta } from './procedure-meta'
import type { Services } from './services'

// Sets up tRPC: who calls, what is read of the request before anything else, and what every procedure builds on.

/** What every procedure gets. The caller is not known before `authenticated` has run. */
export interface Context {
  services: Services
  headers: Headers
  /** The caller. It is read from the database once for each request, even if a request carries several calls. */
  principal: () => Promise<Principal>
  /** The address from which the request comes, for the audit. */
  address: string | null
  /** Headers that are sent with the answer, such as the cookie of a session. */
  answerHeaders: Headers
  /** The input of the request, for all of its calls. */
  input: RequestInput
  /** The ids that connect the jobs of this request with it in logs and traces. */
  origin: JobOrigin
}

/**
 * @param services what the web process shares between requests, such as the database and the event hub
 * @param given.known the caller, where nothing has to prove it: the command line on the database
 * @param given.span the span of this request, where requests are traced
 */
export function createContext(
  services: Services,
  headers: Headers,
  input: RequestInput,
  { known, span }: { known?: Principal; span?: OpenSpan } = {},
): Context {
  let principal = known && Promise.resolve(known)
  return {
    services,
    headers,
    principal: () => (principal ??= authenticate(headers, services.db)),
    address: known ? null : clientAddress(headers),
    answerHeaders: new Headers(),
    input,
    origin: originOf(headers, span),
  }
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    // No answer ever has a stack trace, whatever NODE_ENV is.
    isDev: false,
    errorFormatter: ({ error }) => shapeError(error),
    sse: {
      ping: { enabled: true, intervalMs: 10_000 },
      // Two pings may be missed.
      client: { reconnectAfterInactivityMs: 25_000 },
    },
  })

export const router = t.router

/**
 * The base of procedures for known callers. Refusals come in the order of rule 5: authentication, then input, then
 * access (in the procedures).
 */
export const authenticated = t.procedure
  .use(async ({ ctx, next, type }) => {
    const principal = await ctx.principal()
    await ctx.services.callLimits.take(principal)
    if (type === 'mutation') refuseForeignOrigin(principal, ctx.headers)
    return next({ ctx: { principal, scope: scopeOf(principal), actor: actorOf(principal) } })
  })
  .use(async ({ ctx, getRawInput, batchIndex, type, next }) => {
    ctx.input.check(batchIndex, await getRawInput(), type)
    return next()
  })
  .use(async ({ ctx, path, type, signal, next }) => {
    if (type === 'subscription' || GATHERED.has(path)) return next()
    const end = await ctx.services.callTurns.take(ctx.principal.id)
    try {
      if (signal?.aborted) throw new EngineError('UNAVAILABLE', 'The caller left.')
      ctx.input.requireRoom()
      const result = await next()
      // The answer to a mutation is always sent, however large it is, because it tells what was done.
      if (result.ok) ctx.input.count(result.data, type === 'query')
      return result
    } finally {
      end()
    }
  })

/**
 * Calls that share a transaction with other calls of the same caller (`SubmissionGate`). Many of them may run at once.
 */
const GATHERED = new Set(['jobs.submit'])

/**
 * The base of procedures for an external service that carries out one attempt. The attempt's token is its only
 * credential. Nothing else accepts this token.
 */
export const attemptHolder = t.procedure
  .use(async ({ ctx, next }) => next({ ctx: { attempt: await authenticateAttempt(ctx.headers, ctx.services.db) } }))
  .use(async ({ ctx, getRawInput, batchIndex, type, next }) => {
    ctx.input.check(batchIndex, await getRawInput(), type)
    return next()
  })

/**
 * The base of procedures for callers without an account or an API key. The input itself proves their right, for example
 * with the token of an invitation.
 */
export const anybody = t.procedure.use(async ({ ctx, getRawInput, batchIndex, next, type }) => {
  if (type === 'mutation') refuseForeignOrigin({ via: 'cookie' }, ctx.headers)
  ctx.input.check(batchIndex, await getRawInput(), type)
  return next()
})

/** What a procedure gets once the caller is known. */
export type AuthenticatedContext = Omit<Context, 'principal'> & {
  principal: Principal
  scope: ReturnType<typeof scopeOf>
  actor: ReturnType<typeof actorOf>
}
