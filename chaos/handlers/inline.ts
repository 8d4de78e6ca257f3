import { defineHandler } from '@jobyard/handler'
import { run, schema } from './parts/work'

// The work of a campaign of faults, in the worker's own thread.

export default defineHandler({ key: 'chaos.inline', isolated: false, schema, run })
