import { isPortFree, reservePort, tryListen } from './ports.mjs'
import { Refusal } from './say.mjs'

/** The ports that are tried where PORT names none. */
const [FIRST, LAST] = [3000, 3199]

/**
 * Chooses the port to serve on and holds it: the one that PORT names, otherwise the first of these that is free.
 * @param {{ port: number | null, host: string }} settings
 * @returns {Promise<{ port: number, release: () => Promise<void> }>}
 */
export async function choosePort({ port: asked, host }) {
  // The code of the error, or '' where it worked.
  const noHost = await tryListen(0, host)
  if (noHost) throw new Refusal(`HOST ${host} cannot be listened on (${noHost}). Correct it or leave it out.`)
  if (asked !== null) {
    const noPort = await tryListen(asked, host)
    if (noPort === 'EACCES') throw new Refusal(`PORT ${asked} may not be opened by this user. Choose one above 1023.`)
    if (noPort && noPort !== 'EADDRINUSE') throw new Refusal(`PORT ${asked} cannot be listened on (${noPort}).`)
    const release = noPort ? null : await hold(asked, host)
    if (release) return { port: asked, release }
    throw new Refusal(
      `PORT ${asked} is already in use by another program. Stop that one, or set PORT to another number.`,
    )
  }
  for (let port = FIRST; port <= LAST; port++) {
    const release = await hold(port, host)
    if (release) return { port, release }
  }
  throw new Refusal(`No port from ${FIRST} to ${LAST} is free. Set PORT to one that is.`)
}

/**
 * Holds a port. Null where somebody has it, also on another address of this machine, or has just taken it.
 * @param {number} port
 * @param {string} host
 */
const hold = async (port, host) => ((await isPortFree(port, host)) ? reservePort(port, host).catch(() => null) : null)
