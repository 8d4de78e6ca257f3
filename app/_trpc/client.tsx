'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { useState, type ReactNode } from 'react'
import type { AppRouter } from '@/server/api/root'
import { noticingFetch } from './connection-state'
import { refusalOf } from './refusal'
import { sessionEnded } from './session-state'

const context = createTRPCContext<AppRouter>()
export const useTRPC = context.useTRPC
export const useTRPCClient = context.useTRPCClient

const URL_PATH = '/api/trpc'

function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url: URL_PATH }),
        false: httpBatchLink({ url: URL_PATH, maxURLLength: 6000, fetch: noticingFetch }),
      }),
    ],
  })
}

/** The session ended while the page was open: the page asks for the password (shell.tsx). */
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
        // A refusal would be the same again. Only calls without an answer, or that broke, are tried once more.
        retry: (failures, error) => {
          const reason = refusalOf(error)?.reason
          return failures < 2 && (reason === undefined || reason === 'UNAVAILABLE' || reason === 'INTERNAL')
        },
        retryDelay: (failures) => Math.min(400 * 2 ** failures, 4000),
      },
      // Without network it fails at once and says so. It would wait otherwise, and be sent when nobody expects it.
      mutations: { networkMode: 'always' },
    },
  })
}

/** The typed client and the cache, once a tab. */
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
