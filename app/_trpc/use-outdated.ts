'use client'

import { useQueryClient, type Query } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { isPassing } from './refusal'

/**
 * True for a query whose data was read before and could not be read again. A refusal does not count, because it stays
 * the same: the job may be deleted, or the session ended. A list does not count of which a further part could not be
 * read.
 */
const isOutdated = (query: Query) =>
  query.isActive() &&
  query.state.status === 'error' &&
  query.state.data !== undefined &&
  isPassing(query.state.error) &&
  query.state.fetchMeta?.fetchMore === undefined

/**
 * Tells whether a part of the page shows data that could not be read again. A part that could never be read shows its
 * error itself.
 */
export function useOutdated(): { outdated: boolean; readAgain: () => void } {
  const queryClient = useQueryClient()
  const cache = queryClient.getQueryCache()
  const outdated = useSyncExternalStore(
    useCallback((changed) => cache.subscribe(changed), [cache]),
    () => cache.getAll().some(isOutdated),
    () => false,
  )
  return { outdated, readAgain: () => void queryClient.refetchQueries({ predicate: isOutdated }) }
}
