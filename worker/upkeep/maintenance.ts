import { setTimeout as sleep } from 'node:timers/promises'
import type { Carrier, Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { ArtifactStore } from '@/server/storage'
import { duties, type Duty } from './duties'
import { Leader } from './leader'

const EVERY_MS = 1_000
/** A duty rests for this many times what it took, unless it says otherwise, so that none can fill the database. */
const REST = 10
const COMPLAIN_MS = 5_000

export interface MaintenanceOptions {
  databaseUrl: string
  db: Db
  carrier: Carrier
  files: ArtifactStore
  logger: Logger
  /** Something may run now, or has changed for viewers. */
  onChanged: () => void
}

/** Does the leader's duties, each at its own pace; one that fails keeps no other from its work. */
export class Maintenance {
  private readonly leader: Leader
  private readonly duties: Duty[]
  private readonly due = new Map<string, number>()
  private readonly complained = new Map<string, number>()
  private stopped = false
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
      // First of all: a worker that has just started takes up jobs before it tidies.
      await sleep(EVERY_MS, undefined, { ref: false })
      if (this.stopped) break
      try {
        if (await this.leader.lead()) {
          // Duties of one store wait for each other, never for those of a store that does not answer.
          for (const needs of ['postgresql', 'queue'] as const) {
            if (rounds.has(needs)) continue
            rounds.set(
              needs,
              this.round(needs).finally(() => rounds.delete(needs)),
            )
          }
        }
      } catch (error) {
        this.complain('leading', error)
      }
    }
    await Promise.all(rounds.values())
  }

  private async round(needs: Duty['needs']): Promise<void> {
    for (const duty of this.duties) {
      if (duty.needs !== needs || performance.now() < (this.due.get(duty.name) ?? 0)) continue
      const began = performance.now()
      // A little less than its pace: rounds come each second, and must not miss one by a millisecond.
      let pauseMs = duty.everyMs - EVERY_MS / 2
      try {
        // A process that was frozen in the middle of a round goes on with nothing.
        if (this.stopped || !(await this.leader.stillLeads())) return
        const { eligible = 0, note } = await duty.run()
        if (note) this.options.logger.info({ duty: duty.name }, note)
        if (eligible > 0 || note) this.options.onChanged()
        pauseMs = Math.max(pauseMs, (duty.rest ?? REST) * (performance.now() - began))
      } catch (error) {
        // What waited for a store that is away has cost it nothing, and is needed when it is back.
        this.complain(duty.name, error)
      }
      this.due.set(duty.name, performance.now() + pauseMs)
    }
  }

  /** One line each 5 s says that a store is away. */
  private complain(what: string, error: unknown): void {
    const last = this.complained.get(what) ?? -Infinity
    if (performance.now() - last < COMPLAIN_MS) return
    this.complained.set(what, performance.now())
    this.options.logger.warn({ err: error, duty: what }, 'maintenance failed; trying again')
  }
}
