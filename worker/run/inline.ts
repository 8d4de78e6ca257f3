import { classifyFailure } from '@/server/engine/domain/failure'
import { redactor } from '@/server/engine/domain/redact'
import type { StorageSettings } from '@/server/storage'
import type { Attempt, HandlerEnd } from './attempt'
import { createContext } from './context'
import { execute } from './execute'
import type { Handler, MessageSettings, OutsideSettings } from '../handler'
import { createOrganizationData } from './data'
import { followCalls, traceCall } from './outgoing-calls'
import { parentsReader } from './parents'
import { INLINE_GRACE_MS } from './stop'
import { uploadReader } from './uploads'

// Runs handlers in the worker's own thread.

interface InlineOptions {
  load: (key: string) => Promise<Handler>
  databaseUrl: string
  projectRoot: string
  storage: StorageSettings
  outside: OutsideSettings | null
  messages?: MessageSettings
  onUnstoppable: () => void
}

/** Handlers that were loaded already, by what loaded them (a test may bring its own) and by their key. */
let loaded = new WeakMap<InlineOptions['load'], Map<string, Handler>>()

/** From now on handlers are loaded anew. What runs goes on with what it has. */
export function forgetLoaded(): void {
  loaded = new WeakMap()
}

async function loadOnce(key: string, load: InlineOptions['load']): Promise<Handler> {
  const known = loaded.get(load) ?? new Map<string, Handler>()
  loaded.set(load, known)
  const handler = known.get(key) ?? (await load(key))
  known.set(key, handler)
  return handler
}

/**
 * Runs an attempt in the worker's own thread. Calls `onUnstoppable` when its handler goes on past the grace after its
 * signal, because nothing in this thread can end the handler.
 */
export async function runInline(
  attempt: Attempt,
  { load, databaseUrl, projectRoot, storage, outside, messages, onUnstoppable }: InlineOptions,
): Promise<HandlerEnd> {
  const { claimed } = attempt
  const data = createOrganizationData(databaseUrl, claimed.organizationId, () => attempt.controller.signal)
  let grace: NodeJS.Timeout | undefined
  let over = false
  attempt.whenStopped((kind) => {
    // A second stop, such as that of a lost lease, has a grace of its own.
    clearTimeout(grace)
    // A stop may come when the handler has ended and only its outcome is still to be written.
    if (!over) grace = setTimeout(onUnstoppable, INLINE_GRACE_MS[kind])
  })
  try {
    const handler = await loadOnce(claimed.handler, load)
    const upload = uploadReader(claimed.organizationId, { storage, keepUpload: data.keepUpload })
    const ctx = createContext(claimed, attempt.controller, attempt, {
      data,
      outside,
      messages,
      upload,
      parents: parentsReader(claimed.jobId, { storage, parents: data.parents }),
    })
    return await followCalls(
      attempt.traceParent,
      (call) => traceCall(call, redactor(claimed.sensitive)),
      () => execute(handler, claimed, ctx, () => attempt.throwIfStopped(), projectRoot),
    )
  } catch (error) {
    return { ok: false, failure: classifyFailure(error, { projectRoot, redact: redactor(claimed.sensitive) }) }
  } finally {
    over = true
    clearTimeout(grace)
    await data.close()
  }
}
