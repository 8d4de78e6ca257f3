import { claimSecret, releaseSecret, SECRET_FORGOTTEN_SECONDS, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { differingSecret } from './database'

// Makes sure that all processes of an installation have the same secrets.

export interface HeldSecrets {
  /** Gives the secrets up, when this process stops in good order. Never rejects. */
  release(): Promise<void>
}

/**
 * Tells other processes of the installation which secrets this one uses, for as long as it runs. A process with another
 * secret is refused when it starts (`checkAtStart`), because each would refuse what the other has signed. Where two start
 * at the same moment with different secrets, the one that claims second says so in its log at each of its claims.
 */
export function holdSecrets(db: Db, secrets: Record<string, string | undefined>, logger: Logger): HeldSecrets {
  const given = Object.entries(secrets).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const claim = async () => {
    for (const [name, secret] of given)
      if (!(await claimSecret(db, name, secret))) logger.error({ variable: name }, differingSecret(name))
  }
  // An outage of the database is told by others, and the next claim comes in half a minute.
  const quietly = () => void claim().catch((error: unknown) => logger.debug({ err: error }, 'secrets were not claimed'))
  quietly()
  const timer = setInterval(quietly, (SECRET_FORGOTTEN_SECONDS * 1000) / 3).unref()
  return {
    async release() {
      clearInterval(timer)
      await Promise.allSettled(given.map(([name, secret]) => releaseSecret(db, name, secret)))
    },
  }
}
