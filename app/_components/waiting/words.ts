import type { WaitingCode } from '@/server/engine/domain/waiting-codes'

/** The label of each reason why a job waits, the word that a search uses for it, and its tone. */
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
  SLOTS_KEPT: { label: 'Slots kept free', word: 'kept', tone: 'waits' },
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
/** The reason that a word after `why:` in a search stands for. Null for an unknown word. */
export const codeOfWord = (word: string): WaitingCode | null =>
  CODES.find((code) => WORDS[code].word === word.toLowerCase()) ?? null
/**
 * How urgent a reason is. `held`: something is wrong or was stopped, and a person should look. `waits`: the job goes on
 * by itself later. `moves`: it goes on soon.
 */
export const reasonTone = (code: WaitingCode) => WORDS[code].tone
