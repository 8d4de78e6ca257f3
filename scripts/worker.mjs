// `npm run worker`: one worker for production, beside others on this machine or elsewhere.
import { workerProcess } from '../launcher/children.mjs'
import { runPart } from '../launcher/part.mjs'

await runPart('worker', async ({ settings, env, handlers }) => ({
  process: workerProcess({ env, handlers, drainSeconds: settings.drainSeconds }),
}))
