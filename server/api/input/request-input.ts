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
const MOST_BYTES = 16 * 1024 * 1024

/** What a request may bring, before any procedure sees its input. */
export class RequestInput {
  private readonly shapes: readonly Shape[]
  private readonly limit: number
  private faults: readonly Fault[] | undefined
  private readonly turns: (() => void)[] = []
  /** Bytes of the answers to calls of a batch so far. */
  private answered = 0

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
   * needs none. More than 16 KiB is read in the caller's turn, and more than 1 MiB only once the caller is known, so
   * nobody can send megabytes anonymously.
   */
  async body(principal: () => Promise<Principal>): Promise<unknown> {
    const scanner = this.scanner()
    const credential = this.request.headers.get('authorization') ?? ''
    // The token of an attempt belongs to no principal.
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
    // One that says from the start that it is large has one line to wait in.
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
    // A subscription's input is scanned again as tRPC gives it: tRPC adds `lastEventId` from the header Last-Event-ID.
    const more = type === 'subscription' ? this.scan(JSON.stringify(given ?? null)) : []
    const faults = [...(this.faults ?? []), ...more].filter((fault) => fault.call === call)
    if (faults.length > 0) throw refused(faults)
  }

  /**
   * Refuses a further call of a batch whose answers are as large together as one page may be. They are written out in
   * one go, for which everybody waits.
   *
   * @throws EngineError TOO_LARGE
   */
  requireRoom(): void {
    if (this.answered > MAX_PAGE_BYTES) throw tooMuch()
  }

  /**
   * Counts the answer to one call of a batch. The first may be as large as it is.
   *
   * @param refusable whether a later one is refused where it is too much
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
