import { initTRPC } from '@trpc/server'
import { authenticate } from '@/server/auth/authenticate'
import { actorOf, scopeOf, type Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { shapeError } from './errors'
import { refuseForeignOrigin } from './origin'
import type { ProcedureMeta } from './procedure-meta'
import { checkJson } from './schemas/clean-json'
import type { Services } from './services'

/** What every procedure gets. Nobody is known before `authenticated` ran. */
export interface Context {
  services: Services
  headers: Headers
  /** The caller, read from the database once a request, also where a request carries several calls. */
  principal: () => Promise<Principal>
  /** Where the request comes from, for the audit. */
  address: string | null
}

/** @param services what the web process holds: database, event hub. */
export function createContext(services: Services, headers: Headers): Context {
  let principal: Promise<Principal> | undefined
  return {
    services,
    headers,
    principal: () => (principal ??= authenticate(headers, services.db)),
    address: headers.get('x-forwarded-for')?.split(',')[0]?.trim() || null,
  }
}

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create({
  // Never a stack in an answer, whatever NODE_ENV says.
  isDev: false,
  errorFormatter: ({ error }) => shapeError(error),
  sse: {
    ping: { enabled: true, intervalMs: 10_000 },
    client: { reconnectAfterInactivityMs: 25_000 },
  },
})

export const router = t.router

/** Refusals come in the order of SPEC 5: authentication, then input, then access (in the procedures). */
export const authenticated = t.procedure
  .use(async ({ ctx, next, type }) => {
    const principal = await ctx.principal()
    if (type === 'mutation') refuseForeignOrigin(principal, ctx.headers)
    return next({ ctx: { principal, scope: scopeOf(principal), actor: actorOf(principal) } })
  })
  .use(async ({ getRawInput, next }) => {
    const fields = checkJson(await getRawInput())
    if (fields.length > 0) throw new EngineError('INVALID_INPUT', 'The input holds what no JSON text may.', { fields })
    return next()
  })

/** Everything a caller may do once it is known; there is no procedure without a caller yet. */
export type AuthenticatedContext = Omit<Context, 'principal'> & {
  principal: Principal
  scope: ReturnType<typeof scopeOf>
  actor: ReturnType<typeof actorOf>
}
