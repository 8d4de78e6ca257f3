import { accountRouter } from './routers/account'
import { alertsRouter } from './routers/alerts'
import { apiKeysRouter } from './routers/api-keys'
import { auditRouter } from './routers/audit'
import { attemptsRouter } from './routers/attempts'
import { bulkRouter } from './routers/bulk'
import { circuitsRouter } from './routers/circuits'
import { controlRouter } from './routers/control'
import { deadLettersRouter } from './routers/dead-letters'
import { jobTypesRouter } from './routers/job-types'
import { jobsRouter } from './routers/jobs'
import { membersRouter } from './routers/members'
import { metricsRouter } from './routers/metrics'
import { organizationsRouter } from './routers/organizations'
import { requestsRouter } from './routers/requests'
import { savedViewsRouter } from './routers/saved-views'
import { schedulesRouter } from './routers/schedules'
import { sessionRouter } from './routers/session'
import { workersRouter } from './routers/workers'
import { router } from './trpc'

// All procedures of the API.

export const appRouter = router({
  session: sessionRouter,
  account: accountRouter,
  jobs: jobsRouter,
  attempts: attemptsRouter,
  bulk: bulkRouter,
  requests: requestsRouter,
  savedViews: savedViewsRouter,
  schedules: schedulesRouter,
  alerts: alertsRouter,
  jobTypes: jobTypesRouter,
  metrics: metricsRouter,
  deadLetters: deadLettersRouter,
  control: controlRouter,
  circuits: circuitsRouter,
  organizations: organizationsRouter,
  members: membersRouter,
  apiKeys: apiKeysRouter,
  audit: auditRouter,
  workers: workersRouter,
})
export type AppRouter = typeof appRouter
