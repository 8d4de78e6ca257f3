import type { z } from 'zod'
import type { Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { MAX_PAGE_BYTES } from '@/server/engine/domain/limits'
import { readJson } from '../body'
import { refused, type Fault } from './faults'
import { MEDIUM, type LargeBodies } from './large-bodies'
import { InputScanner, LARGE } from './scanner'
import { shapeOf, type Shape } from './shape'

/** Procedures that take up to 1,000 jobs in one call. */
const LARGE_CALLS = new Set(['jobs.submitMany'])
/** The largest body of such a call. */
const MOST_BYTES = 16 * 1024 * 1024

/** Checks and reads the input of a request, before any procedure sees it. */
export class RequestInput {
  private readonly shapes: readonly Shape[]
  private readonly limit: number
  private faults: readonly Fault[] | undefined
  private readonly turns: (() => void)[] = []
  /** The bytes of the answers to the calls of a batch so far. */
  private answered = 0

  /**
   * @param procedures the procedures that the URL names, with their schemas
   * @param batch true if the input contains one input for each of them
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
   * Reads the body of a POST when a procedure asks for it. That is after authentication, except where a procedure needs
   * none. More than 16 KiB is read in the caller's turn. More than 1 MiB is read only once the caller is known, so that
   * nobody can send megabytes anonymously.
   */
  async body(principal: () => Promise<Principal>): Promise<unknown> {
    const scanner = this.scanner()
    const credential = this.request.headers.get('authorization') ?? ''
    // The token of an attempt belongs to no principal, so the credential stands for the caller.
    const caller = () =>
      principal().then(
        ({ id }) => id,
        () => credential,
      )
    const announced = Number(this.request.headers.get('content-length') ?? 0)
    const medium = {
      above: MEDIUM,
      pass: async () => void this.turns.push(await this.large.takeMedium(await caller())),
    }
    const large = { above: LARGE, pass: async () => void this.turns.push(await this.large.take(await principal())) }
    // A body that announces a large size waits only in the line for large bodies.
    const gates = announced > LARGE ? [large] : [medium, large]
    const value = await readJson(this.request, { limit: this.limit, scanner, gates })
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
    // The input of a subscription is checked again in the form that tRPC gives it. tRPC adds `lastEventId` from the
    // header Last-Event-ID.
    const more = type === 'subscription' ? this.scan(JSON.stringify(given ?? null)) : []
    const faults = [...(this.faults ?? []), ...more].filter((fault) => fault.call === call)
    if (faults.length > 0) throw refused(faults)
  }

  /**
   * Refuses another call of a batch when its answers so far are together larger than a page may be. All answers are
   * written out in one step, and everybody waits for that.
   *
   * @throws EngineError TOO_LARGE
   */
  requireRoom(): void {
    if (this.answered > MAX_PAGE_BYTES) throw tooMuch()
  }

  /**
   * Counts the answer to one call of a batch. The first answer may have any size.
   *
   * @param refusable true if the answer may be refused for its size where it is not the first, as that of a query may
   * @throws EngineError TOO_LARGE
   */
  count(answer: unknown, refusable: boolean): void {
    if (!this.batch) return
    const before = this.answered
    this.answered += jsonBytes(answer)
    if (refusable && before > 0 && this.answered > MAX_PAGE_BYTES) throw tooMuch()
  }

  /** Called when the request has been answered. */
  done(): void {
    for (const end of this.turns) end()
  }

  private scanner = (): InputScanner => new InputScanner(this.shapes, this.batch)

  private scan(text: string): readonly Fault[] {
    const scanner = this.scanner()
    const bytes = new TextEncoder().encode(text)
    scanner.finish(bytes, bytes.length)
    return scanner.faults
  }
}

const jsonBytes = (answer: unknown): number => Buffer.byteLength(JSON.stringify(answer) ?? '')

const tooMuch = (): EngineError =>
  new EngineError(
    'TOO_LARGE',
    `The answers to the calls of this batch take more than ${MAX_PAGE_BYTES} bytes together. Send this call by itself, or ask for less.`,
  )
