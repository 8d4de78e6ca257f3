import { defineHandler } from '@/worker/handler'
import { run, schema } from './work'

export default defineHandler({ key: 'chaos.inline', isolated: false, schema, run })
