/**
 * The lines of the log that an alert can be made from (rule 4.40). Each such line has its name in the field `event`,
 * which stays the same when the wording of a line changes. docs/operate/metrics-and-logs.md lists them, and a test
 * compares.
 */
export const LOG_EVENTS = {
  listening: 'info',
  lost: 'error',
  found: 'info',
  leading: 'info',
  'leadership-lost': 'warn',
  'answer-failed': 'error',
  'dead-letter': 'warn',
  circuit: 'warn',
  crashed: 'fatal',
} as const

export type LogEvent = keyof typeof LOG_EVENTS

/** The fields of a line that has this name. */
export const logEvent = <Fields extends object>(event: LogEvent, fields: Fields) => ({ event, ...fields })
