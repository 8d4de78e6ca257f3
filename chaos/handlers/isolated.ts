import { defineHandler } from '@jobyard/handler'
import { run, schema } from './parts/work'

export default defineHandler({ key: 'chaos.isolated', isolated: true, schema, run })
