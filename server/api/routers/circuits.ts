import { closeCircuit, listCircuits, type CircuitView } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { circuit, circuitCloseInput, circuitListInput, circuitPage } from '../schemas/circuit'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const circuitsRouter = router({
  list: authenticated
    .input(circuitListInput.optional())
    .output(circuitPage)
    .query(async ({ ctx, input: { organizationId, state, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const wanted = { filter: { organizationId, state }, cursor: cursor ?? undefined, limit: limit ?? 25 }
      const page = await listCircuits(ctx.services.db, wanted, ctx.scope)
      return { items: page.items.map(toWireCircuit), nextCursor: page.nextCursor }
    }),

  close: authenticated
    .input(circuitCloseInput)
    .output(circuit)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'circuits.close')
      return toWireCircuit(await closeCircuit(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address }))
    }),
})

const toWireCircuit = (view: CircuitView) => ({
  ...view,
  openedAt: iso(view.openedAt),
  trialMayStartAt: iso(view.trialMayStartAt),
  closedAt: isoOrNull(view.closedAt),
})
