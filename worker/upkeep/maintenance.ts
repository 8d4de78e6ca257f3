import { setTimeout as sleep } from 'node:timers/promises'
import type { Carrier, Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { ArtifactStore, UploadStore } from '@/server/storage'
import { logEvent } from '@/server/telemetry/log-events'
import { counter, gauge } from '@/server/telemetry/metrics/registry'
import { duties } from './duties'
import type { Duty } from './duty'
import { Leader } from './leader'

/** Milliseconds from one round to the next. */
const EVERY_MS = 1_000
/**
 * After a run, a duty pauses for at least this many times as long as it ran, so that no duty keeps the database busy. A
 * duty may ask for another number.
 */
const REST_FACTOR = 10
/** Milliseconds in which only one failure of the same duty is logged. */
const COMPLAIN_MS = 5_000

const failureCounter = counter('jobyard_duty_failures_total')
const leaderGauge = gauge('jobyard_leader')

export interface MaintenanceOptions {
  databaseUrl: string
  db: Db
  carrier: Carrier
  files: ArtifactStore
  uploads: UploadStore
  logger: Logger
  /** Called when jobs may run now, or viewers have something new to see. */
  onChanged: () => void
}

/** Does the leader's duties, each at its own pace. A duty that fails does not keep the others from running. */
export class Maintenance {
  private readonly leader: Leader
  private readonly duties: Duty[]
  /** When each duty may run again, by its name. */
  private readonly due = new Map<string, number>()
  private readonly complained = new Map<string, number>()
  private stopped = false
  private leads = false
  private loop: Promise<void> = Promise.resolve()

  constructor(private readonly options: MaintenanceOptions) {
    this.leader = new Leader(options.databaseUrl)
    this.duties = duties({ ...options, ledMs: () => this.leader.forMs })
  }

  start(): void {
    this.loop = this.run()
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.loop
    this.leader.resign()
  }

  private async run(): Promise<void> {
    const rounds = new Map<Duty['needs'], Promise<void>>()
    while (!this.stopped) {
      // It sleeps before the first round, too, so that a worker that has just started takes jobs before it does any
      // duty.
      await sleep(EVERY_MS, undefined, { ref: false })
      if (this.stopped) break
      try {
        const leads = await this.leader.lead()
        this.tellLeading(leads)
        if (leads) {
          // There are two rounds at a time, so that duties that need PostgreSQL alone do not wait for a queue that is
          // away.
          for (const needs of ['postgresql', 'queue'] as const) {
            if (rounds.has(needs)) continue
            rounds.set(
              needs,
              this.round(needs).finally(() => rounds.delete(needs)),
            )
          }
        }
      } catch (error) {
        this.tellLeading(false)
        this.complain('leading', error)
      }
    }
    await Promise.all(rounds.values())
  }

  private async round(needs: Duty['needs']): Promise<void> {
    for (const duty of this.duties) {
      if (duty.needs !== needs || performance.now() < (this.due.get(duty.name) ?? 0)) continue
      const began = performance.now()
      // The pause is a little shorter than the duty asks for. Rounds come once a second, and a duty that is due a
      // millisecond late would miss one.
      let pauseMs = duty.everyMs - EVERY_MS / 2
      try {
        // A process that was frozen in the middle of a round may no longer be the leader, and must not go on.
        if (this.stopped || !(await this.leader.stillLeads())) return
        const { jobs = 0, note, viewersLook = false } = await duty.run()
        if (note) this.options.logger.info({ duty: duty.name }, note)
        if (jobs > 0 || note || viewersLook) this.options.onChanged()
        pauseMs = Math.max(pauseMs, (duty.restFactor ?? REST_FACTOR) * (performance.now() - began))
      } catch (error) {
        // The pause does not become longer after a failed run. Mostly the database was away, so the run has cost it
        // nothing, and the duty is needed as soon as the database is back.
        failureCounter.inc({ duty: duty.name })
        this.complain(duty.name, error)
      }
      this.due.set(duty.name, performance.now() + pauseMs)
    }
  }

  /** One line when this worker becomes the leader, and one when it is no longer. */
  private tellLeading(leads: boolean): void {
    if (leads === this.leads) return
    this.leads = leads
    leaderGauge.set(leads ? 1 : 0)
    if (leads) this.options.logger.info(logEvent('leading', {}), 'this worker leads')
    else this.options.logger.warn(logEvent('leadership-lost', {}), 'leadership lost')
  }

  /** Logs a failure. Of each duty, one is logged in 5 s at most. */
  private complain(what: string, error: unknown): void {
    const last = this.complained.get(what) ?? -Infinity
    if (performance.now() - last < COMPLAIN_MS) return
    this.complained.set(what, performance.now())
    this.options.logger.warn({ err: error, duty: what }, 'maintenance failed; trying again')
  }
}
