import { logEvent } from '@/server/telemetry/log-events'
import type { AuthenticatedContext } from './trpc'

/** Writes the line `circuit` for one that a person closed (rule 4.40), whatever procedure they did it with. */
export const logClosedCircuit = (
  { services, origin }: Pick<AuthenticatedContext, 'services' | 'origin'>,
  { jobType, organizationId }: { jobType: string; organizationId: string },
): void =>
  services.logger.warn(
    logEvent('circuit', { change: 'closed by hand', jobType, organizationId, requestId: origin.requestId }),
    'a circuit was closed by hand',
  )
