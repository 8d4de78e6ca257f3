import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from './client'
import type { Random } from './random'
import { ADMINISTRATOR, type Tenant } from './tenants'

/** A time in which no job of an organization or of a type may have been started. In epoch milliseconds. */
export interface Halt {
  /** Null: of all organizations. `jobType` is null for all types. */
  organizationId: string | null
  jobType: string | null
  /** What halted them, as a finding of the audit names it. */
  how: string
  from: number
  to: number
}

/** How long a halt lasts. The audit looks only at what comes after its first 5 s (`UNDER_WAY_MS` in audit-limits.ts). */
const HALT_MS = [6_500, 8_000] as const

/** Pauses and suspends for some seconds, as people do who have the right to. */
export class Administrators {
  readonly halts: Halt[] = []

  constructor(
    private readonly client: Client,
    private readonly tenants: readonly Tenant[],
    private readonly random: Random,
  ) {}

  async act(): Promise<void> {
    const tenant = this.random.pick(this.tenants)
    const organization = { organizationId: tenant.id, reason: 'chaos' }
    const jobType = this.random.pick(['chaos.quick', 'chaos.thread', 'chaos.narrow'])
    switch (this.random.pick(['platform', 'jobType', 'organization', 'suspend'] as const)) {
      case 'platform':
        return this.halt(
          'the platform’s pause',
          'control.pause',
          'control.resume',
          { scope: 'platform', reason: 'chaos' },
          null,
          null,
        )
      case 'jobType':
        return this.halt(
          `the pause of ${jobType}`,
          'control.pause',
          'control.resume',
          { scope: 'jobType', jobType, reason: 'chaos' },
          null,
          jobType,
        )
      case 'organization':
        return this.halt(
          `the pause of ${tenant.name}`,
          'control.pause',
          'control.resume',
          { scope: 'organization', ...organization },
          tenant.id,
          null,
        )
      case 'suspend':
        return this.halt(
          `the suspension of ${tenant.name}`,
          'organizations.suspend',
          'organizations.resume',
          organization,
          tenant.id,
          null,
        )
    }
  }

  private async halt(
    how: string,
    begin: string,
    end: string,
    input: object,
    organizationId: string | null,
    jobType: string | null,
  ): Promise<void> {
    await this.client.mutate(ADMINISTRATOR, begin, input)
    const from = Date.now()
    await sleep(this.random.int(...HALT_MS))
    const to = Date.now()
    await this.client.mutate(ADMINISTRATOR, end, input)
    this.halts.push({ organizationId, jobType, how, from, to })
  }

  /**
   * Acts again and again, and waits between two acts for some seconds, at least the first number and at most the
   * second. There is one halt at a time: if two paused the same thing, the end of the first would end the second, too.
   */
  async actEvery(seconds: [number, number], over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await sleep(this.random.int(seconds[0] * 1000, seconds[1] * 1000), undefined, { signal: over }).catch(
        () => undefined,
      )
      if (!over.aborted) await this.act()
    }
  }
}
