// `npm run web`: one web process for production, beside others on this machine or elsewhere.
import { existsSync } from 'node:fs'
import { buildWeb } from '../launcher/build.mjs'
import { webProcess } from '../launcher/children.mjs'
import { inRoot } from '../launcher/paths.mjs'
import { runPart } from '../launcher/part.mjs'
import { Refusal, say } from '../launcher/say.mjs'
import { choosePort } from '../launcher/choose-port.mjs'
import { urlOf } from '../launcher/address.mjs'

await runPart('web', async ({ settings, env, sources }) => {
  for (const name of ['NEXTAUTH_URL', 'NEXTAUTH_SECRET']) {
    if (!env[name])
      throw new Refusal(`${name} is not set. All web processes of an installation share it (see .env.example).`)
  }
  const { port, release } = await choosePort(settings)
  if (sources) await buildWeb(sources, env)
  if (!existsSync(inRoot('.next/BUILD_ID'))) throw new Refusal('The dashboard is not built. Run `npm run build` first.')
  const process = webProcess({ env, port, host: settings.host, logFile: null })
  return {
    process,
    beforeStart: async () => {
      await release()
      say(`Web process on ${urlOf(settings.host, port)}`)
    },
  }
})
