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

/** The session ended while the page was open: sign in and come back to the same place. */
function leaveForSignIn() {
  const here = window.location.pathname + window.location.search
  // A full load, since nothing that was read as somebody else may stay.
  // eslint-disable-next-line @next/next/no-location-assign-relative-destination
  window.location.assign(`/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}

function createQueryClient() {
  // Each query of a page hears that the session is over, and the page leaves once; unless the browser's button brings it back.
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
        // A refusal stays one; only what never reached an answer, or broke, is worth another try.
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
