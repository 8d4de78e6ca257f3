import type { WaitingCode } from '@/server/engine/domain/waiting-codes'

/** How a reason is called where jobs are listed or counted, and by which word a search asks for it. */
const WORDS: Record<WaitingCode, { label: string; word: string; tone: 'held' | 'waits' | 'moves' }> = {
  ORGANIZATION_DELETED: { label: 'Organization deleted', word: 'deleted', tone: 'held' },
  ORGANIZATION_SUSPENDED: { label: 'Suspended', word: 'suspended', tone: 'held' },
  PAUSED: { label: 'Paused', word: 'paused', tone: 'held' },
  JOB_TYPE_DISABLED: { label: 'Type disabled', word: 'disabled', tone: 'held' },
  WAITING_FOR_PARENTS: { label: 'For other jobs', word: 'parents', tone: 'waits' },
  SCHEDULED: { label: 'Scheduled', word: 'scheduled', tone: 'waits' },
  RETRY_BACKOFF: { label: 'Retries', word: 'retry', tone: 'waits' },
  CIRCUIT_OPEN: { label: 'Circuit open', word: 'circuit', tone: 'held' },
  CONCURRENCY_LIMIT: { label: 'At its limit', word: 'limit', tone: 'waits' },
  SLOTS_KEPT: { label: 'Slots kept', word: 'kept', tone: 'waits' },
  HANDLER_MISSING: { label: 'No handler', word: 'handler', tone: 'held' },
  NO_WORKER: { label: 'No worker', word: 'worker', tone: 'held' },
  BEHIND: { label: 'Behind others', word: 'behind', tone: 'moves' },
  QUEUED: { label: 'For a slot', word: 'queued', tone: 'moves' },
  READY: { label: 'Starts now', word: 'ready', tone: 'moves' },
}

export const CODES = Object.keys(WORDS) as WaitingCode[]

export const reasonLabel = (code: WaitingCode): string => WORDS[code].label
/** The word after `why:` in a search. */
export const reasonWord = (code: WaitingCode): string => WORDS[code].word
/** The reason that a word of a search asks for, or null where it is none. */
export const codeOfWord = (word: string): WaitingCode | null =>
  CODES.find((code) => WORDS[code].word === word.toLowerCase()) ?? null
/** `held`: it goes on when somebody acts. `waits`: it goes on by itself, later. `moves`: it has its turn before long. */
export const reasonTone = (code: WaitingCode) => WORDS[code].tone
