// The bounds of alert rules, for the API that checks them and the form that names them.

/** The most targets of one rule. */
export const MAX_TARGETS = 5

/** The least and the most that a condition may have, by its field. */
export const CONDITION_BOUNDS = {
  percent: [0, 99],
  minutes: [5, 1_440],
  atLeast: [1, 1_000_000],
  seconds: [1, 2_592_000],
} as const satisfies Record<string, readonly [least: number, most: number]>

/** Days for which alerts are kept after they have ended, and messages after they were made. */
export const ALERT_HISTORY_DAYS = 90
