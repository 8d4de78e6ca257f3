import { defineHandler } from '@jobyard/handler'
import { run, schema } from './parts/work'

// The work of a campaign of faults, in a thread of its own.

export default defineHandler({ key: 'chaos.isolated', isolated: true, schema, run })
