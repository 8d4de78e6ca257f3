import type { AnyRouter } from '@trpc/server'
import type { ProcedureMeta } from '../procedure-meta'
import { z } from '../schemas/zod'
import { anybody, attemptHolder } from '../trpc'

/** A procedure, as the router defines it. */
export interface Procedure {
  /** A path such as `jobs.submit`. */
  path: string
  kind: 'query' | 'mutation' | 'subscription'
  meta: ProcedureMeta | undefined
  /**
   * Who calls it. `known`: a caller with an API key or a session. `attempt`: the holder of an attempt's token.
   * `anybody`: a caller who need not be known.
   */
  caller: 'known' | 'attempt' | 'anybody'
  input: z.ZodType | undefined
  /** The schema of its answer. For a subscription, the data of each event. */
  output: z.ZodType | undefined
}

/** Every procedure of a router, in the order of their definitions. */
export function proceduresOf(router: AnyRouter): Procedure[] {
  // tRPC keeps all procedures in one flat record, although the router's type is nested.
  const all = router._def.procedures as Record<string, { _def: Definition }>
  return Object.entries(all).map(
    ([
      path,
      {
        _def: { type, meta, middlewares, inputs, output },
      },
    ]) => ({
      path,
      kind: type,
      meta,
      caller: beginsAs(attemptHolder, middlewares) ? 'attempt' : beginsAs(anybody, middlewares) ? 'anybody' : 'known',
      input: schema(inputs[0]),
      output: schema(type === 'subscription' ? meta?.event : output),
    }),
  )
}

interface Definition {
  type: Procedure['kind']
  meta?: ProcedureMeta
  middlewares: unknown[]
  inputs: unknown[]
  output?: unknown
}

/** True for a procedure that was built from `base`. Its first step finds out who calls. */
const beginsAs = (base: { _def: { middlewares: unknown[] } }, [first]: unknown[]): boolean =>
  first === base._def.middlewares[0]

const schema = (parser: unknown): z.ZodType | undefined => (parser instanceof z.ZodType ? parser : undefined)
