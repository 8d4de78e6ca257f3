'use client'

import { useQueryClient, type Query, type QueryClient } from '@tanstack/react-query'
import { useServerInsertedHTML } from 'next/navigation'
import { useRef } from 'react'
import { earlyScript, type Question } from './early-answers'

/**
 * Lets a page ask for its data while its script is still loading. The server draws the page without data, and by that
 * it learns what the page will ask first. It writes a small script that asks the same at once (early-answers.ts).
 * @param nonce of the page's Content-Security-Policy
 */
export function EarlyQuestions({ nonce }: { nonce: string | undefined }) {
  const queryClient = useQueryClient()
  const written = useRef(new Set<string>())
  useServerInsertedHTML(() => {
    const questions = questionsOf(queryClient, written.current)
    if (questions.length === 0) return null
    return <script nonce={nonce} dangerouslySetInnerHTML={{ __html: earlyScript(questions) }} />
  })
  return null
}

/** What the parts that were drawn so far will ask, without what was written before. */
function questionsOf(queryClient: QueryClient, written: Set<string>): Question[] {
  const open = queryClient
    .getQueryCache()
    .getAll()
    .filter((query) => isAsked(query) && !written.has(query.queryHash))
  for (const { queryHash } of open) written.add(queryHash)
  return open.map(({ queryKey }) => {
    const [path, { input }] = queryKey as TrpcKey
    return { path: path.join('.'), input }
  })
}

/** The form that `@trpc/tanstack-react-query` gives to the key of a query. */
type TrpcKey = readonly [path: readonly string[], { input?: unknown; type: string }]

/**
 * True for a query that the page will ask as soon as its script runs. `meta.early` is false where its answer comes from
 * several calls, which differ from what the key says (use-job-list.ts).
 */
function isAsked(query: Query): boolean {
  const { enabled } = query.options as { enabled?: unknown }
  const [path, asked] = query.queryKey as Partial<TrpcKey>
  return enabled !== false && query.meta?.early !== false && Array.isArray(path) && asked?.type === 'query'
}
