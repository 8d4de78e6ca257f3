import { router } from '../../trpc'
import { actProcedures } from './act'
import { manyProcedures } from './many'
import { readProcedures } from './read'
import { submitProcedures } from './submit'
import { watchProcedures } from './watch'

// The procedures `jobs.*` of the API: to submit, to read and to act.

export const jobsRouter = router({
  ...submitProcedures,
  ...readProcedures,
  ...actProcedures,
  ...manyProcedures,
  ...watchProcedures,
})
