import type { AdminRequest } from '@/app/_trpc/types'

type Kind = AdminRequest['kind']

const VERB: Record<'CANCEL' | 'RETRY' | 'DELETE', string> = { CANCEL: 'Cancel', RETRY: 'Retry', DELETE: 'Delete' }

/** What a request asks for, such as "Cancel 618 jobs" or "Pause the organization". */
export function titleOf({ kind, matched, jobType }: Pick<AdminRequest, 'kind' | 'matched' | 'jobType'>): string {
  switch (kind) {
    case 'PAUSE':
      return 'Pause the organization'
    case 'RESUME':
      return 'Let the organization go on'
    case 'CLOSE_CIRCUIT':
      return `Close the circuit of ${jobType ?? ''}`
    case 'CHANGE_JOB':
      return 'Change 1 job'
    case 'CHANGE_LIMIT':
      return `Change the limit of ${jobType ?? 'the organization'}`
    default:
      return `${VERB[kind]} ${(matched ?? 0).toLocaleString('en')} ${matched === 1 ? 'job' : 'jobs'}`
  }
}

/** The label of the button with which an admin does what was asked. */
export function confirmOf({ kind, matched }: Pick<AdminRequest, 'kind' | 'matched'>): string {
  switch (kind) {
    case 'PAUSE':
      return 'Pause it'
    case 'RESUME':
      return 'Resume it'
    case 'CLOSE_CIRCUIT':
      return 'Close it'
    case 'CHANGE_JOB':
    case 'CHANGE_LIMIT':
      return 'Change it'
    default:
      return `${VERB[kind]} ${matched === 1 ? 'job' : 'jobs'}`
  }
}

export const STATUS_WORDS: Record<AdminRequest['status'], { label: string; soft: string }> = {
  OPEN: { label: 'Open', soft: 'bg-running-soft text-running' },
  DONE: { label: 'Done', soft: 'bg-completed-soft text-completed' },
  DECLINED: { label: 'Declined', soft: 'bg-warning-soft text-warning' },
  WITHDRAWN: { label: 'Taken back', soft: 'bg-canceled-soft text-canceled' },
  EXPIRED: { label: 'Expired', soft: 'bg-canceled-soft text-canceled' },
}

/** What became of a request. The name of the person who ended it follows, except where it has expired. */
export const ENDED_WORDS: Record<Exclude<AdminRequest['status'], 'OPEN'>, string> = {
  DONE: 'Done by',
  DECLINED: 'Declined by',
  WITHDRAWN: 'Taken back by',
  EXPIRED: 'Nobody decided it in time.',
}

const DANGEROUS: readonly Kind[] = ['CANCEL', 'DELETE']
export const isDangerous = (kind: Kind) => DANGEROUS.includes(kind)
export const isAboutJobs = (kind: Kind): kind is 'CANCEL' | 'RETRY' | 'DELETE' => kind in VERB
