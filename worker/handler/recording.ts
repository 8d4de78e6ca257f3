import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { SubmitInput } from '@/server/engine/domain/types'
import {
  PermanentError,
  type HandlerContext,
  type OrganizationData,
  type MessageSettings,
  type OutsideSettings,
  type ParentJob,
  type TracedCall,
  type UploadedFile,
} from './index'

/**
 * A context that records what a handler does with it, for tests of handlers that ship. Authors use `testHandler`
 * (testing.ts).
 */
export function recordingContext(
  given: {
    attempt?: number
    data?: Partial<OrganizationData>
    organizationName?: string
    outside?: OutsideSettings
    messages?: MessageSettings
    parents?: ParentJob[]
    uploads?: Record<string, UploadedFile>
    traceCall?: (method: string, url: URL) => TracedCall | undefined
  } = {},
) {
  const controller = new AbortController()
  const progress: [number, string | undefined][] = []
  const lines: string[] = []
  const files = new Map<string, { bytes: Buffer; contentType: string }>()
  const children: SubmitInput[] = []
  const unexpected = (): never => {
    throw new Error('not expected here')
  }
  const line = (message: string) => void lines.push(message)
  const ctx: HandlerContext = {
    signal: controller.signal,
    attempt: given.attempt ?? 1,
    job: {
      id: '0199b2c0-0000-7000-8000-000000000001',
      organizationId: '0199b2c0-0000-7000-8000-000000000002',
      organizationName: given.organizationName ?? 'Acme Robotics',
      jobType: 'test',
      createdAt: new Date(),
      failures: 0,
      maxRetries: 5,
      timeoutSeconds: 300,
    },
    progress: (percent, message) => void progress.push([percent, message]),
    log: { info: line, warn: line, error: line },
    async artifact(name, content, contentType) {
      files.set(name, {
        bytes: content instanceof Uint8Array ? Buffer.from(content) : await buffer(content as Readable),
        contentType,
      })
    },
    upload(uploadId) {
      const upload = given.uploads?.[uploadId]
      return upload ? Promise.resolve(upload) : Promise.reject(new PermanentError(`There is no upload ${uploadId}`))
    },
    submit(child) {
      children.push(child)
      return Promise.resolve({ id: `0199b2c0-0000-7000-8000-${String(children.length).padStart(12, '0')}` })
    },
    parents: () => Promise.resolve(given.parents ?? []),
    data: {
      timeZone: () => Promise.resolve('UTC'),
      jobs: unexpected,
      countJobs: unexpected,
      report: unexpected,
      ...given.data,
    },
    outside: given.outside ?? null,
    messages: given.messages ?? { mail: null, allow: '', dashboard: null },
    traceCall: given.traceCall ?? (() => undefined),
    attemptToken: () => Promise.resolve('jy_attempt_of-a-test'),
  }
  return { ctx, cancel: (reason: Error) => controller.abort(reason), progress, lines, files, children }
}
