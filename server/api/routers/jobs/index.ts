import { router } from '../../trpc'
import { actProcedures } from './act'
import { manyProcedures } from './many'
import { readProcedures } from './read'
import { submitProcedures } from './submit'
import { watchProcedures } from './watch'

export const jobsRouter = router({
  ...submitProcedures,
  ...readProcedures,
  ...actProcedures,
  ...manyProcedures,
  ...watchProcedures,
})
