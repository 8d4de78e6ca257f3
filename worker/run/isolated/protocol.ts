import type { MessagePort } from 'node:worker_threads'
import type { Claimed, FinishedArtifact } from '@/server/engine'
import type { Refusal, RefusalData } from '@/server/engine/domain/errors'
import type { SubmitInput } from '@/server/engine/domain/types'
import type { HandlerSettings } from '../../options'
import type { LineLevel } from '../handler-lines'
import type { OutgoingCall } from '../outgoing-calls'
import type { StopKind } from '../stop'

/** What a thread gets with its task. */
export interface ThreadTask extends HandlerSettings {
  claimed: Claimed
  port: MessagePort
  /** The build of one's own handlers to take it from. Null where there is none. */
  handlersFolder: string | null
  /** The trace that the handler's calls go on with. Null where nothing is traced. */
  traceParent: string | null
}

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
  | { type: 'submit'; call: number; child: SubmitInput; index: number }
  | { type: 'attemptToken'; call: number }
  /** Asks for an answer once everything before it has arrived. */
  | { type: 'flush'; call: number }

export type ToThread =
  { type: 'stop'; kind: StopKind } | { type: 'answer'; call: number; value?: string; error?: WireError }

/** An error on its way to another thread, where its class is another one. */
export interface WireError {
  name: string
  message: string
  /** SQLSTATE, or a code of the system. */
  code?: string
  /** Where the engine refused something: why. */
  refusal?: { reason: Refusal; data: RefusalData }
}
