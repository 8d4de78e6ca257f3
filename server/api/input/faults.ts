import { EngineError } from '@/server/engine'
import type { FieldProblem } from '@/server/engine/domain/errors'

/** One fault in the input of one call of a request. */
export interface Fault extends FieldProblem {
  call: number
}

/** The reason why reading stops at once. */
export class Cause {
  constructor(
    readonly reason: 'INVALID_INPUT' | 'TOO_LARGE',
    readonly message: string,
  ) {}
}

/** The refusal of an input. The paths of its fields begin at the input of the call, not at the body. */
export function refused(faults: readonly Fault[], reason: Cause['reason'] = 'INVALID_INPUT'): EngineError {
  const fields = faults.map(({ path, message }) => ({ path, message }))
  const [first] = fields
  return new EngineError(reason, `The input cannot be taken: ${first?.path || 'it'} ${first?.message ?? ''}`.trim(), {
    fields,
  })
}

/** The refusal of a body that is not JSON, or does not fit what the request says about it. */
export const unreadable = (
  message = 'The request could not be read: it is not JSON, or a batch of the wrong shape.',
): EngineError =>
  new EngineError('INVALID_INPUT', message, { fields: [{ path: '', message: 'must be readable JSON' }] })
