import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/**
 * Submits jobs over the API of some web processes, each until it is accepted, under an idempotency key of its own.
 * @param {{ urls: string[], key: string, organizationId: string, callers?: number, pauseMs?: number }} given
 */
export function startLoad({ urls, key, organizationId, callers = 6, pauseMs = 20 }) {
  /** @type {Map<string, string>} the ids of accepted jobs by their idempotency key */
  const accepted = new Map()
  /** When each answer of acceptance came. @type {number[]} */
  const at = []
  let over = false
  /** @param {number} n */
  const caller = async (n) => {
    for (let call = n; !over; call++) {
      const idempotencyKey = randomUUID()
      const jobType = call % 3 === 0 ? 'sample.work' : 'sample.noop'
      const parameters = jobType === 'sample.work' ? { durationMs: 200, data: idempotencyKey } : {}
      for (let attempt = 0; ; attempt++) {
        const url = urls[(call + attempt) % urls.length]
        const answer = await fetch(`${url}/api/trpc/jobs.submit`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ organizationId, jobType, parameters, idempotencyKey, dedupe: false }),
          signal: AbortSignal.timeout(5_000),
        })
          .then((response) => response.json())
          .catch(() => null)
        if (answer?.result) {
          accepted.set(idempotencyKey, answer.result.data.id)
          at.push(performance.now())
          break
        }
        await sleep(100)
      }
      await sleep(pauseMs)
    }
  }
  const running = Array.from({ length: callers }, (_, n) => caller(n))
  return {
    accepted,
    /**
     * The longest time between two acceptances, in seconds, counted from `since`.
     * @param {number} since a time of performance.now()
     */
    stood(since) {
      const times = [since, ...at.filter((time) => time > since)]
      return Math.max(...times.slice(1).map((time, n) => time - (times[n] ?? time))) / 1000
    },
    /** Resolves when each caller has had its last job accepted. */
    async stop() {
      over = true
      await Promise.all(running)
    },
  }
}

/**
 * Waits until no job is unfinished, and counts what became of the accepted ones. The database must hold no other jobs.
 * @param {string} databaseUrl
 * @param {Map<string, string>} accepted the ids of the jobs by their idempotency key
 * @param {number} seconds how long the jobs may take. What is unfinished then counts as stuck
 */
export async function audit(databaseUrl, accepted, seconds = 120) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const ids = [...accepted.values()]
    const one = async (/** @type {string} */ sql, /** @type {unknown[]} */ values = []) =>
      Number((await client.query(sql, values)).rows[0].n)
    const unfinished = "SELECT count(*) AS n FROM jobs WHERE status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')"
    const end = Date.now() + seconds * 1000
    while ((await one(unfinished)) > 0 && Date.now() < end) await sleep(500)
    const completed = await one("SELECT count(*) AS n FROM jobs WHERE status = 'COMPLETED' AND id = ANY($1::uuid[])", [
      ids,
    ])
    return {
      accepted: ids.length,
      stuck: await one(unfinished),
      /** Accepted, and not COMPLETED. */
      lost: ids.length - completed,
      /** Two jobs of one call, or one job that was completed twice. */
      doubled:
        (await one('SELECT count(*) AS n FROM jobs')) -
        new Set(ids).size +
        (await one(
          "SELECT count(*) AS n FROM (SELECT job_id FROM execution_logs WHERE to_status = 'COMPLETED' GROUP BY job_id HAVING count(*) > 1) AS twice",
        )),
    }
  } finally {
    await client.end()
  }
}
