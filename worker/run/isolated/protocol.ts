import type { MessagePort } from 'node:worker_threads'
import type { Claimed, FinishedArtifact } from '@/server/engine'
import type { Refusal, RefusalData } from '@/server/engine/domain/errors'
import type { SubmitInput } from '@/server/engine/domain/types'
import type { MessageSettings } from '../../handler'
import type { HandlerSettings } from '../../options'
import type { LineLevel } from '../handler-lines'
import type { OutgoingCall } from '../outgoing-calls'
import type { StopKind } from '../stop'

// The messages between the worker and the thread that runs an isolated handler.

/** What a thread gets with its task. */
export interface ThreadTask extends Omit<HandlerSettings, 'messages'> {
  claimed: Claimed
  port: MessagePort
  /** Without the mail server, because only inline handlers send mail. */
  messages: Omit<MessageSettings, 'mail'> | undefined
  /** The folder with the built handlers of the installation. Null where it has none of its own. */
  handlersFolder: string | null
  /** The W3C trace to which the handler's outgoing calls belong. Null where tracing is off. */
  traceParent: string | null
}

/** `call` is the number of a question. The answer carries the same number. */
export type FromThread =
  /** The handler is loaded and begins. */
  | { type: 'begun' }
  | { type: 'progress'; percent: number; message: string | null }
  | { type: 'log'; level: LineLevel; message: string }
  /** What the handler, or a package that it uses, wrote to the console. */
  | { type: 'console'; level: LineLevel; message: string }
  /** A call of the handler by `fetch`, where calls are traced. */
  | { type: 'called'; call: OutgoingCall }
  | { type: 'artifact'; file: Omit<FinishedArtifact, 'id'> }
  /** A child of the job. `index` counts the children of this attempt, so that a later attempt finds the same ones. */
  | { type: 'submit'; call: number; child: SubmitInput; index: number }
  | { type: 'attemptToken'; call: number }
  /** Asks for an answer once everything before it has arrived. */
  | { type: 'flush'; call: number }

export type ToThread =
  { type: 'stop'; kind: StopKind } | { type: 'answer'; call: number; value?: string; error?: WireError }

/**
 * An error as it is sent to another thread. Classes do not survive that, so the thread builds the error anew from these
 * fields.
 */
export interface WireError {
  name: string
  message: string
  /** SQLSTATE, or a code of the system. */
  code?: string
  /** Set where the engine refused the call: its reason and data. */
  refusal?: { reason: Refusal; data: RefusalData }
}
