import type { Json } from './types'

/** What a mark on a chart is about. */
export const MARK_KINDS = ['pause', 'resume', 'circuitOpened', 'circuitClosed', 'limits', 'version'] as const
export type MarkKind = (typeof MARK_KINDS)[number]

/** An entry of the audit, as far as a mark tells of it. */
export interface MarkedAct {
  action: string
  targetType: string
  targetId: string
  /** The name of the organization that it is about. Null where it is about none. */
  organization: string | null
  after: Json
}

interface Mark {
  kind: MarkKind
  /** What happened, in a few words, with a capital and without a full stop. */
  words: (act: MarkedAct) => string
}

/** The name of what was paused or resumed. */
const paused = ({ targetType, targetId, organization }: MarkedAct): string =>
  targetType === 'platform'
    ? 'The platform'
    : targetType === 'jobType'
      ? targetId
      : (organization ?? 'The organization')

/** The acts that explain a bend in a chart, by the action of their entry in the audit. */
export const MARKS: Record<string, Mark> = {
  'control.pause': { kind: 'pause', words: (act) => `${paused(act)} was paused` },
  'control.resume': { kind: 'resume', words: (act) => `${paused(act)} was resumed` },
  'organization.suspend': { kind: 'pause', words: (act) => `${paused(act)} was suspended` },
  'organization.resume': { kind: 'resume', words: (act) => `The suspension of ${paused(act)} ended` },
  'circuit.open': { kind: 'circuitOpened', words: ({ targetId }) => `The circuit of ${targetId} opened` },
  'circuit.close': { kind: 'circuitClosed', words: ({ targetId }) => `The circuit of ${targetId} closed` },
  'jobType.update': { kind: 'limits', words: ({ targetId }) => `Limits of ${targetId} changed` },
  'organization.update': { kind: 'limits', words: (act) => `Limits of ${paused(act)} changed` },
  'worker.version': { kind: 'version', words: ({ after }) => `Workers run ${versionIn(after)}` },
}

/** A change of these fields is a change of limits. Other changes of job types and organizations make no mark. */
export const LIMIT_FIELDS = ['rateLimit', 'concurrency', 'maxConcurrent', 'maxUnfinished']

function versionIn(after: Json): string {
  const { version, commit } = (after ?? {}) as { version?: string; commit?: string | null }
  return `version ${version ?? 'unknown'}${commit ? ` (${commit})` : ''}`
}
