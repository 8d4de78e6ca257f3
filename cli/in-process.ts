import { handleTrpc } from '@/server/api/http'
import { createServices } from '@/server/api/services'
import { COMMAND_LINE } from '@/server/auth/principal'
import { createRootLogger } from '@/server/logger'

/**
 * Answers calls in this process, on a database, as a web process would answer those of a system admin. So a command that
 * works while the web is down runs through the same checks, and leaves the same entries in the audit.
 */
export function openInProcess(databaseUrl: string): { fetch: typeof globalThis.fetch; close: () => Promise<void> } {
  const services = createServices(databaseUrl, createRootLogger('silent'), 'jobyard-command')
  return {
    fetch: (address, init) => handleTrpc(new Request(address, init), services, COMMAND_LINE),
    close: () => services.db.$disconnect(),
  }
}
