import type { Duty, DutyContext } from '../duty'
import { abandonedFiles } from './abandoned-files'
import { alerts } from './alerts'
import { bulkActions } from './bulk-actions'
import { circuits } from './circuits'
import { deletedOrganizations } from './deleted-organizations'
import { dependents } from './dependents'
import { discardedFiles } from './discarded-files'
import { expiredRows } from './expired-rows'
import { lostAttempts } from './lost-attempts'
import { lostMessages } from './lost-messages'
import { metricsRollups } from './metrics-rollups'
import { jobRetention } from './job-retention'
import { retention } from './retention'
import { revokedKeys } from './revoked-keys'
import { schedules } from './schedules'
import { staleMessages } from './stale-messages'
import { titles } from './titles'
import { uploads } from './uploads'
import { usage } from './usage'

/** In the order in which they run when several are due. */
const DUTIES: readonly ((context: DutyContext) => Duty)[] = [
  lostAttempts,
  schedules,
  lostMessages,
  staleMessages,
  dependents,
  circuits,
  alerts,
  deletedOrganizations,
  revokedKeys,
  usage,
  expiredRows,
  metricsRollups,
  jobRetention,
  retention,
  titles,
  discardedFiles,
  abandonedFiles,
  uploads,
  bulkActions,
]

/** All duties of a leader, each with a state of its own. */
export const duties = (context: DutyContext): Duty[] => DUTIES.map((duty) => duty(context))
