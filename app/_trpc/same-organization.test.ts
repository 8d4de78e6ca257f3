import { QueryClient } from '@tanstack/react-query'
import { createTRPCClient, httpLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { expect, test } from 'vitest'
import type { AppRouter } from '@/server/api/root'
import { keptWithin } from './same-organization'

// The keys are made by the library that makes those of the pages. In another form of key the organization would not be
// found, and the figures of one would stand under the name of another.
const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://localhost' })] })
const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient: new QueryClient() })
const keyOf = (input?: { organizationId?: string; range?: '1h' }) => ({
  queryKey: trpc.metrics.overview.queryOptions(input ?? {}).queryKey,
})

test('figures of another range stay until the new ones come, and those of another organization do not', () => {
  expect(keptWithin('a')('figures', keyOf({ organizationId: 'a', range: '1h' }))).toBe('figures')
  expect(keptWithin('a')('figures', keyOf({ organizationId: 'b', range: '1h' }))).toBeUndefined()
  expect(keptWithin('a')('figures', keyOf({ range: '1h' }))).toBeUndefined()
})

test('figures of all organizations stay for all, and not for one', () => {
  expect(keptWithin(undefined)('figures', keyOf({ range: '1h' }))).toBe('figures')
  expect(keptWithin(undefined)('figures', keyOf())).toBe('figures')
  expect(keptWithin(undefined)('figures', keyOf({ organizationId: 'a' }))).toBeUndefined()
})
