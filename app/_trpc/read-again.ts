/** The parts of a query's result that reading again needs. */
interface Readable {
  data: unknown
  isFetching: boolean
  isPlaceholderData: boolean
  refetch: (options?: { cancelRefetch: boolean }) => Promise<Readable & { error: unknown }>
}

/**
 * Makes a function that reads a query again because its data may be stale.
 *
 * A read that is under way may have begun before the change. So it starts again, unless `underWay` says that it is known
 * to have begun late enough.
 *
 * TanStack Query never begins a first read anew. So one further read follows it, however often this was called
 * meanwhile. None follows a first read that failed, because the page then shows the error. Where the question has
 * changed meanwhile, the further read is one of the new question.
 */
export function createReadAgain() {
  let isFurtherReadDue = false
  const readAgain = (query: Readable, underWay: boolean): void => {
    const isFirst = query.isFetching && (query.data === undefined || query.isPlaceholderData)
    const done = query.refetch({ cancelRefetch: !underWay })
    if (!isFirst || underWay || isFurtherReadDue) return
    isFurtherReadDue = true
    void done.then((now) => {
      isFurtherReadDue = false
      if (!now.error) readAgain(now, false)
    })
  }
  return readAgain
}
