'use client'

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { useState, type ReactNode } from 'react'
import type { AppRouter } from '@/server/api/root'
import { refusalOf } from './refusal'

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
        false: httpBatchLink({ url: URL_PATH, maxURLLength: 6000 }),
      }),
    ],
  })
}

/** The session ended while the page was open: go to the sign-in page, which leads back here. */
function leaveForSignIn() {
  const here = window.location.pathname + window.location.search
  // The document is loaded anew, so that nothing stays that another person has read.
  // eslint-disable-next-line @next/next/no-location-assign-relative-destination
  window.location.assign(`/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}

function createQueryClient() {
  // Every query of a page learns that the session is over, but the page leaves only once. The browser's back button can bring the page back, and then it may leave again.
  let leaving = false
  if (typeof window !== 'undefined') window.addEventListener('pageshow', ({ persisted }) => (leaving &&= !persisted))
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (leaving || refusalOf(error)?.reason !== 'UNAUTHENTICATED') return
        leaving = true
        leaveForSignIn()
      },
    }),
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
