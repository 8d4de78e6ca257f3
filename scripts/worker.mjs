// `npm run worker`: one worker for production, beside others on this machine or elsewhere.
import { workerProcess } from './start/children.mjs'
import { runPart } from './start/part.mjs'

await runPart('worker', async ({ settings, env }) => ({ process: workerProcess({ env, drainSeconds: settings.drainSeconds }) }))
