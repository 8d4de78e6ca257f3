import type { AnyRouter } from '@trpc/server'
import type { ProcedureMeta } from '../procedure-meta'
import { z } from '../schemas/zod'
import { anybody, attemptHolder } from '../trpc'

/** A procedure as its router holds it. */
export interface Procedure {
  /** `jobs.submit` */
  path: string
  kind: 'query' | 'mutation' | 'subscription'
  meta: ProcedureMeta | undefined
  /** Who calls it: whoever has a key or a session, the holder of an attempt's token, or who cannot be known yet. */
  caller: 'known' | 'attempt' | 'anybody'
  input: z.ZodType | undefined
  /** What it answers with; of a subscription, the data of each event. */
  output: z.ZodType | undefined
}

/** Every procedure of a router, in the order of their definition. */
export function proceduresOf(router: AnyRouter): Procedure[] {
  // tRPC keeps all of them in one flat record, whatever the router's type says.
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

/** True for what was built from it: the first thing that it does is to see who calls. */
const beginsAs = (base: { _def: { middlewares: unknown[] } }, [first]: unknown[]): boolean =>
  first === base._def.middlewares[0]

const schema = (parser: unknown): z.ZodType | undefined => (parser instanceof z.ZodType ? parser : undefined)
