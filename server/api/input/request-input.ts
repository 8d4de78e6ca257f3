import type { z } from 'zod'
import type { Principal } from '@/server/auth/principal'
import { readJson } from '../body'
import { refused, type Fault } from './faults'
import type { LargeBodies } from './large-bodies'
import { InputScanner, LARGE } from './scanner'
import { shapeOf, type Shape } from './shape'

/** Procedures that take up to 1,000 jobs in one call. */
const LARGE_CALLS = new Set(['jobs.submitMany'])
const MOST_BYTES = 16 * 1024 * 1024

/** What a request may bring, before any procedure sees its input. */
export class RequestInput {
  private readonly shapes: readonly Shape[]
  private readonly limit: number
  private faults: readonly Fault[] | undefined
  private release: (() => void) | undefined

  /**
   * @param procedures the procedures that the URL names, with their schemas
   * @param batch true where the input holds one input for each of them
   */
  constructor(
    private readonly request: Request,
    procedures: readonly { path: string; input: z.core.$ZodType | undefined }[],
    private readonly batch: boolean,
    private readonly large: LargeBodies,
  ) {
    this.shapes = procedures.map(({ input }) => shapeOf(input))
    // The limit of a batch is the lowest limit among its calls.
    this.limit = procedures.every(({ path }) => LARGE_CALLS.has(path)) ? MOST_BYTES : LARGE
  }

  /**
   * The body of a POST. It is read when a procedure asks for it. That is after authentication, except where a procedure
   * needs none. More than 1 MiB is read only once the caller is known, so nobody can send megabytes anonymously.
   */
  async body(principal: () => Promise<Principal>): Promise<unknown> {
    const scanner = this.scanner()
    const beforeLarge = async () => {
      this.release = await this.large.take(await principal())
    }
    const value = await readJson(this.request, { limit: this.limit, scanner, beforeLarge })
    this.faults = scanner.faults
    return value
  }

  /**
   * Refuses the input of one call of a batch if the scanner found a fault in it, such as a NUL byte (see scanner.ts).
   *
   * @param given the input as the procedure got it
   * @throws EngineError INVALID_INPUT
   */
  check(call: number, given: unknown, type: 'query' | 'mutation' | 'subscription'): void {
    if (this.request.method === 'GET')
      this.faults ??= this.scan(new URL(this.request.url).searchParams.get('input') ?? 'null')
    // A subscription's input is scanned again as tRPC gives it: tRPC adds `lastEventId` from the header Last-Event-ID.
    const more = type === 'subscription' ? this.scan(JSON.stringify(given ?? null)) : []
    const faults = [...(this.faults ?? []), ...more].filter((fault) => fault.call === call)
    if (faults.length > 0) throw refused(faults)
  }

  /** Called when the request has been answered. */
  done(): void {
    this.release?.()
  }

  private scanner = (): InputScanner => new InputScanner(this.shapes, this.batch)

  private scan(text: string): readonly Fault[] {
    const scanner = this.scanner()
    const bytes = new TextEncoder().encode(text)
    scanner.finish(bytes, bytes.length)
    return scanner.faults
  }
}
