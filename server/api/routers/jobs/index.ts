import { router } from '../../trpc'
import { actProcedures } from './act'
import { manyProcedures } from './many'
import { readProcedures } from './read'
import { submitProcedures } from './submit'
import { watchProcedures } from './watch'

// The procedures `jobs.*` of the API: to submit, read and watch jobs, and to act on one or on many.

export const jobsRouter = router({
  ...submitProcedures,
  ...readProcedures,
  ...actProcedures,
  ...manyProcedures,
  ...watchProcedures,
})
