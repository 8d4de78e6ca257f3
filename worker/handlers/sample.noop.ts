import { z } from 'zod'
import { defineHandler } from '@/worker/handler'

/** Returns at once. What a run then costs is the cost of the engine itself. */
export default defineHandler({
  key: 'sample.noop',
  isolated: false,
  schema: z.looseObject({}),
  run: () => Promise.resolve(),
})
