import { isPortFree, reservePort, tryListen } from './ports.mjs'
import { Refusal } from './say.mjs'

/**
 * Chooses the port to serve on and holds it: the one that PORT names, otherwise the first free one from 3000 on.
 * @param {{ port: number | null, host: string }} settings
 * @returns {Promise<{ port: number, release: () => Promise<void> }>}
 */
export async function choosePort({ port: asked, host }) {
  const hostCode = await tryListen(0, host)
  if (hostCode) throw new Refusal(`HOST ${host} cannot be listened on (${hostCode}). Correct it or leave it out.`)
  if (asked !== null) {
    const code = await tryListen(asked, host)
    if (code === 'EACCES') throw new Refusal(`PORT ${asked} may not be opened by this user. Choose one above 1023.`)
    if (!code && (await isPortFree(asked, host))) {
      const release = await reservePort(asked, host).catch(() => null)
      if (release) return { port: asked, release }
    }
    throw new Refusal(
      `PORT ${asked} is already in use by another program. Stop that one, or set PORT to another number.`,
    )
  }
  for (let port = 3000; port < 3200; port++) {
    if (!(await isPortFree(port, host))) continue
    const release = await reservePort(port, host).catch(() => null)
    if (release) return { port, release }
  }
  throw new Refusal('No port from 3000 to 3199 is free. Set PORT to one that is.')
}
