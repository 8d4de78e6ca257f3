import { PRIORITY_LABEL } from '@/app/_components/job-status'
import { formatDuration } from '@/app/_components/time'
import type { JobType } from '@/app/_trpc/types'

/** What people decide about a job type. It is the job type without its version number. */
export type Config = Omit<JobType, 'version'>

/** The fields of the form. They have the names that the server uses in its refusals. */
export type SettingPath =
  | 'displayName'
  | 'description'
  | 'title'
  | 'handler'
  | 'pool'
  | 'parameterSchema'
  | 'enabled'
  | 'requiredRole'
  | 'timeoutSeconds'
  | 'priority'
  | 'maxRetries'
  | 'backoffBaseSeconds'
  | 'backoffCapSeconds'
  | 'dedupeWindowSeconds'
  | 'rateLimit.count'
  | 'rateLimit.windowSeconds'
  | 'concurrency.global'
  | 'concurrency.perOrganization'
  | 'retentionDays'

export interface Setting {
  path: SettingPath
  label: string
  /** The unit of its number, shown in the form. The words of `said` already include the unit. */
  unit?: 's' | 'days'
  /** What the setting is for, where its name does not tell. */
  hint?: string
  /** Its value in words, for lists and differences. */
  said: (config: Config) => string
  required?: true
  /** A change also affects jobs that already wait, and not only later submissions. */
  atOnce?: true
}

export const ROLE_LABEL = { VIEWER: 'Viewer', OPERATOR: 'Operator', ADMIN: 'Admin' } as const
const NO_LIMIT = 'no limit'

/** A number of seconds with its meaning for people: "300 s (5m 00s)". */
const saidSeconds = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${seconds} s (${formatDuration(seconds * 1000)})`
const saidDays = (days: number) => (days === 1 ? '1 day' : `${days} days`)
const saidLimit = (most: number | null) => (most === null ? NO_LIMIT : String(most))

/** All settings, in the order in which they are shown. */
export const SETTINGS: readonly Setting[] = [
  { path: 'displayName', label: 'Display name', required: true, said: (type) => type.displayName },
  { path: 'description', label: 'Description', said: (type) => type.description || '–' },
  {
    path: 'handler',
    label: 'Handler',
    required: true,
    hint: 'The code that does the work. It is one that a worker has.',
    said: (type) => type.handler,
  },
  {
    path: 'pool',
    label: 'Worker pool',
    hint: 'Workers that take this pool run its jobs. Empty: default.',
    atOnce: true,
    said: (type) => type.pool,
  },
  {
    path: 'enabled',
    label: 'Takes jobs',
    atOnce: true,
    said: (type) => (type.enabled ? 'yes' : 'no, it is disabled'),
  },
  {
    path: 'requiredRole',
    label: 'Needed role',
    hint: 'The least role that may submit it.',
    atOnce: true,
    said: (type) => ROLE_LABEL[type.requiredRole],
  },
  { path: 'priority', label: 'Priority', said: (type) => PRIORITY_LABEL[type.priority] },
  {
    path: 'concurrency.global',
    label: 'At once, over all organizations',
    hint: 'Empty: no limit. 0: none runs.',
    atOnce: true,
    said: ({ concurrency }) => saidLimit(concurrency.global),
  },
  {
    path: 'concurrency.perOrganization',
    label: 'At once, in each organization',
    hint: 'Empty: no limit. 0: none runs.',
    atOnce: true,
    said: ({ concurrency }) => saidLimit(concurrency.perOrganization),
  },
  {
    path: 'rateLimit.count',
    label: 'Submissions of an organization',
    hint: 'Empty: no limit. 0: none is taken.',
    said: ({ rateLimit }) =>
      rateLimit === null ? NO_LIMIT : `${rateLimit.count} in ${saidSeconds(rateLimit.windowSeconds)}`,
  },
  // The words of `rateLimit.count` say the window, too.
  { path: 'rateLimit.windowSeconds', label: 'In how many seconds', said: () => '' },
  { path: 'timeoutSeconds', label: 'Timeout', unit: 's', said: (type) => saidSeconds(type.timeoutSeconds) },
  {
    path: 'maxRetries',
    label: 'Retries',
    hint: '0: none.',
    said: (type) => (type.maxRetries === 0 ? 'none' : String(type.maxRetries)),
  },
  {
    path: 'backoffBaseSeconds',
    label: 'First wait before a retry',
    unit: 's',
    hint: 'Doubled for each further one.',
    said: (type) => saidSeconds(type.backoffBaseSeconds),
  },
  {
    path: 'backoffCapSeconds',
    label: 'Longest wait before a retry',
    unit: 's',
    said: (type) => saidSeconds(type.backoffCapSeconds),
  },
  {
    path: 'dedupeWindowSeconds',
    label: 'Refuses equal jobs for',
    unit: 's',
    hint: 'After one has completed. 0: not at all.',
    said: (type) => (type.dedupeWindowSeconds === 0 ? 'not at all' : saidSeconds(type.dedupeWindowSeconds)),
  },
  { path: 'retentionDays', label: 'Keeps ended jobs for', unit: 'days', said: (type) => saidDays(type.retentionDays) },
  {
    path: 'title',
    label: 'Title of its jobs',
    said: (type) => type.title ?? 'the first three parameters',
  },
  { path: 'parameterSchema', label: 'Parameters', said: (type) => JSON.stringify(type.parameterSchema, null, 2) },
]
export const settingOf = (path: SettingPath): Setting => SETTINGS.find((setting) => setting.path === path)!

export interface Changed {
  setting: Setting
  from: string
  to: string
}

/**
 * The settings that differ, in words. Another order of the fields in a schema is a difference, because the form follows
 * the order.
 */
export const differenceOf = (before: Config, after: Config): Changed[] =>
  SETTINGS.map((setting) => ({ setting, from: setting.said(before), to: setting.said(after) })).filter(
    ({ from, to }) => from !== to,
  )
