import type { Readable } from 'node:stream'
import { openArtifactStore, type ArtifactStore } from '@/server/storage'
import { EngineError } from '@/server/engine/domain/errors'
import { redactor } from '@/server/engine/domain/redact'
import type { SubmitInput } from '@/server/engine/domain/types'
import type { HandlerEnd } from '../attempt'
import { createContext, type AttemptHost } from '../context'
import { createOrganizationData } from '../data'
import { execute } from '../execute'
import { followCalls } from '../outgoing-calls'
import { parentsReader } from '../parents'
import { loadHandler, takeBuiltHandlers } from '../../catalog/catalog'
import { JobStopped } from '../stop'
import { uploadReader } from '../uploads'
import { takeConsole } from './console'
import type { FromThread, ThreadTask, ToThread, WireError } from './protocol'

/** What a thread does: runs one attempt of an isolated handler. `load` finds the handler by its key. */
export default async function run(
  { claimed, port, databaseUrl, storage, projectRoot, outside, messages, handlersFolder, traceParent }: ThreadTask,
  load = loadHandler,
): Promise<HandlerEnd> {
  const controller = new AbortController()
  const redact = redactor(claimed.sensitive)
  // Elsewhere a developer reads in the terminal what the handler wrote, as it wrote it.
  if (process.env.NODE_ENV === 'production')
    takeConsole((level, message) =>
      port.postMessage({ type: 'console', level, message: redact(message) } satisfies FromThread),
    )
  const host = new PortHost(port, claimed, controller, openArtifactStore(storage))
  const data = createOrganizationData(databaseUrl, claimed.organizationId, () => controller.signal)
  try {
    takeBuiltHandlers(handlersFolder)
    const upload = uploadReader(claimed.organizationId, { storage, keepUpload: data.keepUpload })
    const ctx = createContext(claimed, controller, host, {
      data,
      outside,
      messages: messages && { ...messages, mail: null },
      upload,
      parents: parentsReader(claimed.jobId, { storage, parents: data.parents }),
    })
    const handler = await load(claimed.handler)
    port.postMessage({ type: 'begun' } satisfies FromThread)
    return await followCalls(
      traceParent,
      (call) => port.postMessage({ type: 'called', call } satisfies FromThread),
      () => execute(handler, claimed, ctx, () => controller.signal.throwIfAborted(), projectRoot),
    )
  } finally {
    await host.flush()
    await data.close()
    port.close()
  }
}

/** Carries a handler's reports to the worker, and the worker's stop to the handler. */
class PortHost implements AttemptHost {
  private calls = 0
  private readonly waiting = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>()

  constructor(
    private readonly port: ThreadTask['port'],
    private readonly claimed: ThreadTask['claimed'],
    private readonly controller: AbortController,
    private readonly files: ArtifactStore,
  ) {
    port.on('message', (message: ToThread) => this.receive(message))
  }

  progress(percent: number, message: string | null): void {
    this.send({ type: 'progress', percent, message })
  }

  log(level: 'INFO' | 'WARN' | 'ERROR', message: string): void {
    this.send({ type: 'log', level, message })
  }

  async artifact(name: string, content: Readable | Uint8Array, contentType: string): Promise<void> {
    const { organizationId, jobId, attempt } = this.claimed
    const staged = await this.files.stageArtifact({ organizationId, jobId, attempt }, content, {
      signal: this.controller.signal,
    })
    this.send({ type: 'artifact', file: { name, contentType, ...staged } })
  }

  async submit(child: SubmitInput, index: number): Promise<{ id: string }> {
    return { id: await this.call((call) => ({ type: 'submit', call, child, index })) }
  }

  attemptToken(): Promise<string> {
    return this.call((call) => ({ type: 'attemptToken', call }))
  }

  /** Resolves once the worker has everything that was sent before. */
  async flush(): Promise<void> {
    await this.call((call) => ({ type: 'flush', call }))
  }

  private call(message: (call: number) => FromThread): Promise<string> {
    const call = ++this.calls
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject })
      this.send(message(call))
    })
  }

  private send(message: FromThread): void {
    this.port.postMessage(message)
  }

  private receive(message: ToThread): void {
    if (message.type === 'stop') {
      this.controller.abort(new JobStopped(message.kind))
      return
    }
    const waiting = this.waiting.get(message.call)
    this.waiting.delete(message.call)
    if (message.error) waiting?.reject(fromWire(message.error))
    else waiting?.resolve(message.value ?? '')
  }
}

function fromWire({ name, message, code, refusal }: WireError): Error {
  if (refusal) return new EngineError(refusal.reason, message, refusal.data)
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) })
}
