import type { Readable } from 'node:stream'
import type { Claimed } from '@/server/engine'
import { redactor } from '@/server/engine/domain/redact'
import type { SubmitInput } from '@/server/engine/domain/types'
import type { HandlerContext, MessageSettings, OrganizationData, OutsideSettings } from '../handler'
import { beginCall } from './outgoing-calls'

/** Where a handler's reports go: straight to the worker, or through the thread's port to it. */
export interface AttemptHost {
  progress(percent: number, message: string | null): void
  log(level: 'INFO' | 'WARN' | 'ERROR', message: string): void
  artifact(name: string, content: Readable | Uint8Array, contentType: string): Promise<void>
  /** `index` counts the children of this attempt, so that a later attempt finds the same ones. */
  submit(child: SubmitInput, index: number): Promise<{ id: string }>
  attemptToken(): Promise<string>
}

/** Makes the context that a handler gets. Threads and the worker itself use this same code. */
export function createContext(
  claimed: Claimed,
  controller: AbortController,
  host: AttemptHost,
  {
    data,
    outside,
    messages = NO_MESSAGES,
    upload,
    parents,
  }: {
    data: OrganizationData
    outside: OutsideSettings | null
    messages?: MessageSettings
    upload: HandlerContext['upload']
    parents: HandlerContext['parents']
  },
): HandlerContext {
  let children = 0
  const redact = redactor(claimed.sensitive)
  const line = (message: unknown, max: number) => clean(redact(String(message)), max)
  return {
    // A signal takes more memory than all else of a short job, so it is made only when it is asked for.
    get signal() {
      return controller.signal
    },
    attempt: claimed.attempt,
    job: {
      id: claimed.jobId,
      organizationId: claimed.organizationId,
      organizationName: claimed.organizationName,
      jobType: claimed.jobType,
      createdAt: claimed.createdAt,
      failures: claimed.failures,
      maxRetries: claimed.maxRetries,
      timeoutSeconds: claimed.timeoutSeconds,
    },
    progress(percent, message) {
      if (!Number.isFinite(percent)) throw new TypeError(`progress takes a number from 0 to 100, not ${percent}`)
      host.progress(
        Math.round(Math.min(100, Math.max(0, percent))),
        message === undefined ? null : line(message, MAX_PROGRESS_MESSAGE),
      )
    },
    log: {
      info: (message) => host.log('INFO', line(message, MAX_LINE)),
      warn: (message) => host.log('WARN', line(message, MAX_LINE)),
      error: (message) => host.log('ERROR', line(message, MAX_LINE)),
    },
    artifact: (name, content, contentType) => host.artifact(artifactName(name), content, contentType),
    upload,
    submit: (child) => host.submit(child, ++children),
    parents,
    data,
    outside,
    messages,
    traceCall: beginCall,
    attemptToken: () => host.attemptToken(),
  }
}

/** For a worker whose environment says nothing about messages to people. */
const NO_MESSAGES: MessageSettings = { mail: null, allow: '', dashboard: null }
/** Characters of a log line. */
const MAX_LINE = 8_000
/** Characters of the message of a progress. */
const MAX_PROGRESS_MESSAGE = 500

/** Replaces what PostgreSQL cannot store, NUL and lone surrogates, so that no job fails because of a log line. */
function clean(text: string, max: number): string {
  return text.slice(0, max).replaceAll('\0', '\uFFFD').toWellFormed()
}

function artifactName(name: string): string {
  if (!/^[^/\\\0\r\n]{1,200}$/.test(name) || name === '.' || name === '..') {
    throw new TypeError(
      `"${name}" cannot be the name of an artifact: give 1 to 200 characters without slashes and line breaks`,
    )
  }
  return name.toWellFormed()
}
