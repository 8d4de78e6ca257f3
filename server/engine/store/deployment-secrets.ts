import { promisify } from 'node:util'
import { scrypt } from 'node:crypto'
import type { Db } from '@/server/db'
import { installation } from './installation'

// All processes of an installation must have the same secrets (server/deployment/shared-secrets.ts). So each process
// claims its secrets here, and one that was started with a different secret is refused.

/**
 * Seconds after which a process that was not heard of no longer counts. Processes repeat their claim three times in
 * this time.
 */
export const SECRET_FORGOTTEN_SECONDS = 90

const derive = promisify(scrypt) as (secret: string, salt: string, bytes: number) => Promise<Buffer>

/**
 * Says that a process of this installation uses this secret. A slow digest of it is kept, never the secret.
 *
 * @param name the variable that holds the secret
 * @returns false where another process that is alive uses a different one
 */
export async function claimSecret(db: Db, name: string, secret: string): Promise<boolean> {
  const digest = await digestOf(db, name, secret)
  const rows = await db.$queryRaw<unknown[]>`
    INSERT INTO deployment_secrets AS s (name, digest, seen_at) VALUES (${name}, ${digest}, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET digest = EXCLUDED.digest, seen_at = EXCLUDED.seen_at
      WHERE s.digest = EXCLUDED.digest
        OR s.seen_at < clock_timestamp() - ${SECRET_FORGOTTEN_SECONDS}::int * interval '1 second'
    RETURNING name`
  return rows.length > 0
}

/** False where another process that is alive uses a different secret. Nothing is written. */
export async function agreesOnSecret(db: Db, name: string, secret: string): Promise<boolean> {
  const digest = await digestOf(db, name, secret)
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS differs FROM deployment_secrets
    WHERE name = ${name} AND digest <> ${digest}
      AND seen_at >= clock_timestamp() - ${SECRET_FORGOTTEN_SECONDS}::int * interval '1 second'`
  return rows.length === 0
}

/**
 * Gives the name up, when a process stops in good order. So the next one may bring another secret at once. Other
 * processes with the same secret claim the name again within half a minute.
 */
export async function releaseSecret(db: Db, name: string, secret: string): Promise<void> {
  const digest = await digestOf(db, name, secret)
  await db.$executeRaw`
    UPDATE deployment_secrets SET seen_at = '-infinity' WHERE name = ${name} AND digest = ${digest}`
}

/** A digest is slow to make, so each is made once in a process. */
const digests = new Map<string, Promise<Buffer>>()

async function digestOf(db: Db, name: string, secret: string): Promise<Buffer> {
  const salt = `${await installation(db)}/${name}`
  const known = digests.get(salt + secret) ?? derive(secret, salt, 32)
  digests.set(salt + secret, known)
  return known
}
