import { logEvent } from '@/server/telemetry/log-events'
import type { AuthenticatedContext } from './trpc'

/** Writes the log line `circuit` for a circuit that a person closed (rule 4.40), whatever procedure closed it. */
export const logClosedCircuit = (
  { services, origin }: Pick<AuthenticatedContext, 'services' | 'origin'>,
  { jobType, organizationId }: { jobType: string; organizationId: string },
): void =>
  services.logger.warn(
    logEvent('circuit', { change: 'closed by hand', jobType, organizationId, requestId: origin.requestId }),
    'a circuit was closed by hand',
  )
