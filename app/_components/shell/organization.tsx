'use client'

import { hashKey, useQuery, useQueryClient } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Viewer } from '../may'
import { useTRPC } from '@/app/_trpc/client'
import type { Me } from '@/app/_trpc/types'
import { viewerOf, type Standing } from './standing'
import { ALL_ORGANIZATIONS, LAST_ORGANIZATION_COOKIE } from './which-organization'

// Which organization a page shows, and who looks at it. Every page asks here (`useScope`).

export type Organization = Me['organizations'][number]

/**
 * How often the person's roles are read again, because roles change while a page is open. A page with live events
 * notices at once when access is lost.
 */
const REFRESH_MS = 30_000

interface Scope {
  me: Me | undefined
  meError: unknown
  retryMe: () => void
  /** The organization that the page shows. Undefined means all organizations. It is only valid when `ready` is true. */
  organizationId: string | undefined
  organization: Organization | undefined
  /** True once enough is known to ask for data. */
  ready: boolean
  /**
   * The organization whose events the page follows. Null where the page shows all organizations, which have no common
   * events. Undefined while it is not known yet.
   */
  follows: { organizationId: string } | null | undefined
  /** The URL names an organization that does not exist or that this person may not see. */
  unknown: boolean
  /** The organization that this page showed until the person lost access to it. */
  lost: Organization | undefined
  /** This person may see several organizations, so each view names the one that it shows. */
  many: boolean
  /** The person who looks, with the role in the organization that the page shows. */
  viewer: Viewer
  /** The same person, with the role in the organization of an object, which may be another one. */
  viewerIn: (organizationId: string) => Viewer
  select: (id: string) => void
  /**
   * Adds the organization of the URL to a path of this dashboard, in place of one that the path names. Where the URL
   * names none, the path stays as it is.
   */
  href: (path: string) => string
}

const Context = createContext<Scope | null>(null)

/** Which organization the page shows, who looks at it, and how links keep the organization. */
export function useScope(): Scope {
  const scope = use(Context)
  if (!scope) throw new Error('useScope needs the dashboard layout')
  return scope
}

/**
 * Decides which organization the page shows: the one in `?org=`, else the last one used, else the first, and for a
 * system admin all. For a person who may see several, the server has put `?org=` into the address
 * (which-organization.ts).
 */
export function OrganizationProvider({
  lastUsed,
  standing,
  children,
}: {
  lastUsed: string | null
  standing: Standing | null
  children: ReactNode
}) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const query = useQuery(trpc.session.me.queryOptions(undefined, { staleTime: 60_000, refetchInterval: REFRESH_MS }))
  const me = query.data
  const [{ org: param }, setParams] = useQueryStates(
    { org: parseAsString, cursor: parseAsString },
    { history: 'replace' },
  )

  const systemAdmin = me?.systemAdmin ?? false
  const organizations = useMemo(() => me?.organizations ?? [], [me])
  const many = systemAdmin || organizations.length > 1

  /** True where the person may see the organization, or where nobody can tell yet. */
  const known = (id: string | null) => {
    if (!id) return false
    if (!me) return !standing || standing.systemAdmin || id in standing.roles
    return (id === ALL_ORGANIZATIONS && systemAdmin) || organizations.some((o) => o.id === id)
  }
  const fallback = me ? (systemAdmin ? ALL_ORGANIZATIONS : organizations[0]?.id) : onlyOneOf(standing)
  const chosen = param ?? (known(lastUsed) ? lastUsed : fallback) ?? null
  const unknown = Boolean(me && param && !known(param))
  const organizationId = chosen === ALL_ORGANIZATIONS ? undefined : (chosen ?? undefined)
  const organization = organizations.find((o) => o.id === organizationId)

  const [seen, setSeen] = useState<Organization>()
  if (organization && organization !== seen) setSeen(organization)
  const lost = me && seen && !organization && !organizations.some((o) => o.id === seen.id) ? seen : undefined
  useEffect(() => {
    // The data of the lost organization is forgotten. Otherwise the Back button would show it again. Only the answer
    // that says who the person is stays, because it says that the organization is lost.
    if (lost)
      queryClient.removeQueries({
        predicate: ({ queryKey }) => hashKey(queryKey.slice(0, 1)) !== hashKey(trpc.session.me.queryKey().slice(0, 1)),
      })
  }, [lost, queryClient, trpc])

  useEffect(() => {
    if (!chosen || unknown || !me) return
    document.cookie = `${LAST_ORGANIZATION_COOKIE}=${encodeURIComponent(chosen)}; path=/; max-age=31536000; samesite=lax`
  }, [chosen, unknown, me])

  const href = useCallback(
    (path: string) => {
      if (!param) return path
      const [pathname, search] = path.split('?')
      const params = new URLSearchParams(search)
      params.set('org', param)
      return `${pathname}?${params}`
    },
    [param],
  )

  const ready = chosen !== null && !unknown
  const scope: Scope = {
    me,
    meError: query.error,
    retryMe: () => void query.refetch(),
    organizationId,
    organization,
    ready,
    follows: ready ? (organizationId ? { organizationId } : null) : undefined,
    unknown,
    lost,
    many,
    viewer: me
      ? { userId: me.user.id, role: organization?.role ?? null, systemAdmin }
      : viewerOf(standing, organizationId),
    viewerIn: (id) =>
      me
        ? { userId: me.user.id, role: organizations.find((one) => one.id === id)?.role ?? null, systemAdmin }
        : viewerOf(standing, id),
    // A cursor belongs to the list of one organization, so it is dropped.
    select: (id) => void setParams({ org: id, cursor: null }, { history: 'push' }),
    href,
  }
  return <Context value={scope}>{children}</Context>
}

/** The organization of a person who has one only. The server knows it before `session.me` has answered. */
function onlyOneOf(standing: Standing | null): string | undefined {
  const ids = Object.keys(standing?.roles ?? {})
  return ids.length === 1 && !standing?.systemAdmin ? ids[0] : undefined
}
