import { jobTypesRouter } from './routers/job-types'
import { jobsRouter } from './routers/jobs'
import { metricsRouter } from './routers/metrics'
import { sessionRouter } from './routers/session'
import { router } from './trpc'

export const appRouter = router({
  session: sessionRouter,
  jobs: jobsRouter,
  jobTypes: jobTypesRouter,
  metrics: metricsRouter,
})
export type AppRouter = typeof appRouter
