'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { useState, type ReactNode } from 'react'
import type { AppRouter } from '@/server/api/root'
import { noticingFetch } from './connection-state'
import { API_PATH, earlyAnswersLink } from './early-answers'
import { isPassing, refusalOf } from './refusal'
import { sessionEnded } from './session-state'

// How pages call the API.

const context = createTRPCContext<AppRouter>()
export const useTRPC = context.useTRPC
export const useTRPCClient = context.useTRPCClient

/**
 * Questions that would make an address of more than 6000 characters are asked in several requests: proxies refuse long
 * ones.
 */
const BATCH = { url: API_PATH, maxURLLength: 6000, fetch: noticingFetch }

function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      earlyAnswersLink(),
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url: API_PATH }),
        false: splitLink({
          // What a page asks at the same moment is one request. Each answer comes as soon as it is ready, so that a
          // slow one holds no other back. Changes do without that: their answer may set a cookie, and the headers of a
          // streamed answer are sent before it is known.
          condition: (op) => op.type === 'query',
          true: httpBatchStreamLink(BATCH),
          false: httpBatchLink(BATCH),
        }),
      }),
    ],
  })
}

/**
 * A refusal as signed out means that the session ended while the page was open. The page then asks for the password
 * (shell.tsx).
 */
const noticeEnd = (error: unknown) => {
  if (refusalOf(error)?.reason === 'UNAUTHENTICATED') sessionEnded()
}

function createQueryClient() {
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeEnd }),
    mutationCache: new MutationCache({ onError: noticeEnd }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A refused call would be refused again, so it is not repeated. Only a call without an answer, or one that
        // broke on the server, is tried again.
        retry: (failures, error) => failures < 2 && isPassing(error),
        retryDelay: (failures) => Math.min(400 * 2 ** failures, 4000),
      },
      // A change without network fails at once and says so. Otherwise it would wait and be sent later, when nobody
      // expects it.
      mutations: { networkMode: 'always' },
    },
  })
}

/** Provides the typed client and the cache. There is one of each per browser tab. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  const [client] = useState(createClient)
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  )
}
