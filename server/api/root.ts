import { circuitsRouter } from './routers/circuits'
import { controlRouter } from './routers/control'
import { deadLettersRouter } from './routers/dead-letters'
import { jobTypesRouter } from './routers/job-types'
import { jobsRouter } from './routers/jobs'
import { metricsRouter } from './routers/metrics'
import { organizationsRouter } from './routers/organizations'
import { sessionRouter } from './routers/session'
import { router } from './trpc'

export const appRouter = router({
  session: sessionRouter,
  jobs: jobsRouter,
  jobTypes: jobTypesRouter,
  metrics: metricsRouter,
  deadLetters: deadLettersRouter,
  control: controlRouter,
  circuits: circuitsRouter,
  organizations: organizationsRouter,
})
export type AppRouter = typeof appRouter
