import { defineHandler, z } from '@jobyard/handler'

/** Returns at once. What a run then costs is the cost of the engine itself. */
export default defineHandler({
  key: 'sample.noop',
  isolated: false,
  schema: z.looseObject({}),
  jobType: {
    displayName: 'No operation',
    description: 'Returns at once. For benchmarks.',
    parameterSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: {} },
  },
  run: () => Promise.resolve(),
})
