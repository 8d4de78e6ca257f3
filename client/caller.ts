import type { Api } from './api'
import type { Transport } from './transport'

// Calls any procedure of the API by its name.

export interface CallOptions {
  signal?: AbortSignal
}

type Arguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : [input: Input, options?: CallOptions]

type Callable<Procedure> = Procedure extends { kind: 'query'; input: infer Input; output: infer Output }
  ? { query(...args: Arguments<Input>): Promise<Output> }
  : Procedure extends { kind: 'mutation'; input: infer Input; output: infer Output }
    ? { mutate(...args: Arguments<Input>): Promise<Output> }
    : never

/**
 * Every query and mutation by its name, such as `api.jobs.history.query({ jobId })` or `api.control.pause.mutate({ …
 * })`.
 */
export type Caller = {
  readonly [Noun in keyof Api]: {
    readonly [Verb in keyof Api[Noun] as Api[Noun][Verb] extends { kind: 'subscription' } ? never : Verb]: Callable<
      Api[Noun][Verb]
    >
  }
}

/**
 * Calls procedures by their names. Queries are repeated like those of the client. A mutation is repeated only if the
 * server asked to wait. After a mutation without an answer, nobody knows whether it was carried out.
 */
export function createCaller(transport: Transport): Caller {
  const verb = (procedure: string) => ({
    query: (input?: unknown, { signal }: CallOptions = {}) =>
      transport.call({ method: 'GET', procedure, input, signal, repeatable: true }),
    mutate: (input?: unknown, { signal }: CallOptions = {}) =>
      transport.call({ method: 'POST', procedure, input, signal, repeatable: false }),
  })
  const noun = (name: string) => named((rest) => verb(`${name}.${rest}`))
  return named(noun) as Caller
}

/** An object that makes a value for every name that is read from it. */
function named<T>(make: (name: string) => T): object {
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' ? make(name) : undefined) })
}
