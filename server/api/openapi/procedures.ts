import type { AnyRouter } from '@trpc/server'
import type { ProcedureMeta } from '../procedure-meta'
import { z } from '../schemas/zod'

/** A procedure as its router holds it. */
export interface Procedure {
  /** `jobs.submit` */
  path: string
  kind: 'query' | 'mutation' | 'subscription'
  meta: ProcedureMeta | undefined
  input: z.ZodType | undefined
  /** What it answers with; of a subscription, the data of each event. */
  output: z.ZodType | undefined
}

/** Every procedure of a router, in the order of their definition. */
export function proceduresOf(router: AnyRouter): Procedure[] {
  // tRPC keeps all of them in one flat record, whatever the router's type says.
  const all = router._def.procedures as Record<string, { _def: Definition }>
  return Object.entries(all).map(([path, { _def: { type, meta, inputs, output } }]) => ({
    path,
    kind: type,
    meta,
    input: schema(inputs[0]),
    output: schema(type === 'subscription' ? meta?.event : output),
  }))
}

interface Definition {
  type: Procedure['kind']
  meta?: ProcedureMeta
  inputs: unknown[]
  output?: unknown
}

const schema = (parser: unknown): z.ZodType | undefined => (parser instanceof z.ZodType ? parser : undefined)
