import type { MessagePort } from 'node:worker_threads'
import { Meter, tooLong } from '../domain/parameters'
import { CheckTooLong } from '../domain/json-schema/meter'
import { checkAndMask, type Checked } from '../domain/stored-parameters'
import type { Json } from '../domain/types'

export interface CheckTask {
  schema: Json
  parameters: Json
  /** It gets one message when the check begins. The time of the check counts from then on. */
  port: MessagePort
  /** Milliseconds that the check may take. */
  deadlineMs: number
}

/**
 * The task of a checking thread: one job's parameters against one schema. The caller ends the thread when it is late.
 */
export default function check({ schema, parameters, port, deadlineMs }: CheckTask): Checked {
  port.postMessage('begun')
  port.close()
  const end = performance.now() + deadlineMs
  try {
    return checkAndMask(schema, parameters, new Meter(Infinity, true, () => performance.now() > end))
  } catch (error) {
    if (!(error instanceof CheckTooLong)) throw error
    return { problems: [tooLong()], masked: { parameters, places: [] } }
  }
}
