import { closeCircuit, listCircuits, type CircuitView } from '@/server/engine'
import { mayReadAudit, requireOrganization } from '../authorize'
import { logClosedCircuit } from '../circuit-log'
import { EXAMPLE } from '../procedure-meta'
import { circuit, circuitCloseInput, circuitListInput, circuitPage } from '../schemas/circuit'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `circuits.*` of the API. A circuit holds back the jobs of one type in one organization after most of
// its last attempts failed.

export const circuitsRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists circuits, by job type',
      description:
        'A circuit belongs to one job type in one organization. It opens when more than half of at least ten outcomes within 30 minutes failed. Then jobs of this type wait. After 15 minutes one of them is tried. If it succeeds, the circuit closes. If it fails, the circuit stays open for another 15 minutes.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, state: ['OPEN', 'HALF_OPEN'] },
    })
    .input(circuitListInput.optional())
    .output(circuitPage)
    .query(async ({ ctx, input: { organizationId, state, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const wanted = { filter: { organizationId, state }, cursor: cursor ?? undefined, limit: limit ?? 25 }
      const page = await listCircuits(ctx.services.db, wanted, ctx.scope)
      return {
        items: page.items.map(({ recent, auditId, ...view }) => ({
          ...toWireCircuit(view),
          recent: recent.map((outcome) => ({ ...outcome, at: iso(outcome.at) })),
          auditId: mayReadAudit(ctx, view.organizationId) ? auditId : null,
        })),
        nextCursor: page.nextCursor,
      }
    }),

  close: authenticated
    .meta({
      summary: 'Closes a circuit by hand',
      description: 'The jobs that wait may run at once, and earlier failures no longer count. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId, jobType: 'orders.sync', reason: 'The shop answers again' },
    })
    .input(circuitCloseInput)
    .output(circuit)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'circuits.close')
      const by = { actor: ctx.actor, address: ctx.address }
      const { circuit: view, changed } = await closeCircuit(ctx.services.db, { ...input, ...by })
      if (changed) logClosedCircuit(ctx, input)
      return toWireCircuit(view)
    }),
})

const toWireCircuit = <View extends CircuitView>(view: View) => ({
  ...view,
  openedAt: iso(view.openedAt),
  trialMayStartAt: iso(view.trialMayStartAt),
  closedAt: isoOrNull(view.closedAt),
})
