import type { MessagePort } from 'node:worker_threads'
import { CheckTooLong, Meter, NO_LIMIT, tooLong } from '../domain/parameters'
import { checkAndMask, type Checked } from '../domain/stored-parameters'
import type { Json } from '../domain/types'
import { nameOfThread, processorTime, usedSince, type Begun } from './processor-time'

// Runs in a thread: checks parameters that may take long, so that the web process goes on meanwhile.

export interface CheckTask {
  schema: Json
  parameters: Json
  /** It gets one message when the check begins. The time of the check counts from then on. */
  port: MessagePort
  /** How long the processor may work for it, milliseconds. */
  deadlineMs: number
}

/**
 * The task of a checking thread: one job's parameters against one schema. The caller ends the thread when it is late.
 */
export default function check({ schema, parameters, port, deadlineMs }: CheckTask): Checked {
  const thread = nameOfThread()
  const begun: Begun = { thread, used: processorTime(thread) }
  port.postMessage(begun)
  port.close()
  const from = performance.now()
  /** The clock runs at least as fast as the processor works, and is cheaper to read. */
  const isOver = () => performance.now() - from > deadlineMs && usedSince(begun, from) > deadlineMs
  try {
    return checkAndMask(schema, parameters, new Meter(NO_LIMIT, true, isOver))
  } catch (error) {
    if (!(error instanceof CheckTooLong)) throw error
    // With a problem the parameters are refused, and nobody reads what is masked.
    return { problems: [tooLong()], masked: { parameters, places: [] } }
  }
}
