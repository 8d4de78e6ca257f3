interface Answer {
  data: unknown
  isPlaceholderData: boolean
  errorUpdateCount: number
}

/**
 * True where a question has failed and was never answered. Unlike `isError`, it stays true while the question is asked
 * again.
 */
export const wasNeverRead = ({ data, isPlaceholderData, errorUpdateCount }: Answer): boolean =>
  (data === undefined || isPlaceholderData) && errorUpdateCount > 0
