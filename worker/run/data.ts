import type { ExportedJob, OrganizationQueries } from '@/server/engine/reports'

/**
 * What handlers read of their organization, and of no other. The database's client is loaded and connected at the first
 * question, because most handlers never ask one, and each thread would have to load it.
 *
 * @param signalOf returns the attempt's signal, which cancels whatever is asked
 */
export function createOrganizationData(
  databaseUrl: string,
  organizationId: string,
  signalOf?: () => AbortSignal,
): OrganizationQueries {
  let opened: Promise<OrganizationQueries> | undefined
  const queries = () =>
    (opened ??= import('@/server/engine/reports').then(({ openOrganizationQueries }) =>
      openOrganizationQueries(databaseUrl, organizationId, signalOf),
    ))
  return {
    async timeZone() {
      return (await queries()).timeZone()
    },
    async *jobs(filter): AsyncGenerator<ExportedJob[]> {
      yield* (await queries()).jobs(filter)
    },
    async countJobs(filter) {
      return (await queries()).countJobs(filter)
    },
    async report(period) {
      return (await queries()).report(period)
    },
    async parents(jobId) {
      return (await queries()).parents(jobId)
    },
    async keepUpload(uploadId) {
      return (await queries()).keepUpload(uploadId)
    },
    async close() {
      await (await opened)?.close()
    },
  }
}
