'use client'

import { KeyRound, UserPlus } from 'lucide-react'
import dynamic from 'next/dynamic'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { useScope } from '@/app/_components/shell/organization'
import { Tabs } from '@/app/_components/tabs'
import { VisibleText } from '@/app/_components/visible-text'
import { ForAdmins } from './for-admins'
import { Members } from './members'

// A person who only opens the members does not need the code of the other tabs.
const Keys = dynamic(() => import('./keys').then((m) => m.Keys))
const Limits = dynamic(() => import('./limits').then((m) => m.Limits))
const Settings = dynamic(() => import('./settings').then((m) => m.Settings))
const InviteDialog = dynamic(() => import('./invite-dialog'), { ssr: false })
const NewKeyDialog = dynamic(() => import('./new-key-dialog'), { ssr: false })

const TABS = ['members', 'keys', 'limits', 'settings'] as const
const LABEL = { members: 'Members', keys: 'API keys', limits: 'Limits', settings: 'Settings' } as const

/** The members of an organization, its API keys, its limits and its settings. */
export function OrganizationPage() {
  const { organizationId, organization, ready, viewer } = useScope()
  const [tab, setTab] = useQueryState(
    'tab',
    parseAsStringLiteral(TABS).withDefault('members').withOptions({ history: 'push' }),
  )
  // The form that is open: a new member or a new key. The address holds it, so that a link can open the form.
  const [making, setMaking] = useQueryState('new', parseAsStringLiteral(['member', 'key'] as const))
  const newKey = useRef<HTMLButtonElement>(null)
  if (ready && !organizationId) return <PlatformKeys />

  const mayInvite = may(viewer, 'members.write')
  const mayMakeKeys = may(viewer, 'apiKeys.manage')
  /** This person may see all tabs, and not only the members. */
  const admin = mayMakeKeys && may(viewer, 'organization.read')
  const open = (kind: 'member' | 'key') => {
    void setTab(kind === 'key' ? 'keys' : 'members')
    void setMaking(kind)
  }
  return (
    <Page
      title="Organization"
      tab={organization ? `${LABEL[tab]} of ${organization.name}` : undefined}
      aside={
        <span className="min-w-0 text-sm wrap-anywhere text-faint max-sm:hidden">
          {organization ? <VisibleText text={organization.name} /> : <span className="skeleton block h-4 w-24" />}
        </span>
      }
      actions={
        <>
          {mayInvite ? (
            <Button onClick={() => open('member')}>
              <UserPlus aria-hidden /> Invite
            </Button>
          ) : null}
          {mayMakeKeys ? (
            <Button ref={newKey} variant="primary" onClick={() => open('key')}>
              <KeyRound aria-hidden /> New API key
            </Button>
          ) : null}
        </>
      }
    >
      <Tabs
        label="Parts of the organization"
        tabs={TABS.map((value) => ({ value, label: LABEL[value] }))}
        value={tab}
        onChange={(next) => void setTab(next)}
      >
        {tab === 'members' ? (
          <Members organizationId={organizationId} onInvite={mayInvite ? () => void setMaking('member') : undefined} />
        ) : !admin ? (
          <ForAdmins what={LABEL[tab]} organizationId={organizationId} />
        ) : tab === 'keys' ? (
          <Keys organizationId={organizationId ?? null} enabled={ready} onNew={() => void setMaking('key')} />
        ) : tab === 'limits' ? (
          <Limits organizationId={organizationId} />
        ) : (
          <Settings organizationId={organizationId} />
        )}
      </Tabs>
      {making === 'member' && mayInvite && organizationId ? (
        <InviteDialog organizationId={organizationId} onClose={() => void setMaking(null)} />
      ) : null}
      {making === 'key' && mayMakeKeys && organizationId ? (
        <NewKeyDialog organizationId={organizationId} home={newKey} onClose={() => void setMaking(null)} />
      ) : null}
    </Page>
  )
}

/**
 * The page where all organizations are shown. They have no common members or limits, so it shows the keys of the
 * platform.
 */
function PlatformKeys() {
  const { viewer } = useScope()
  const [making, setMaking] = useState(false)
  const newKey = useRef<HTMLButtonElement>(null)
  const mayMake = may(viewer, 'platform.keys')
  return (
    <Page
      title="API keys of the platform"
      tab="API keys of the platform"
      actions={
        mayMake ? (
          <Button ref={newKey} variant="primary" onClick={() => setMaking(true)}>
            <KeyRound aria-hidden /> New API key
          </Button>
        ) : null
      }
      below={
        <p className="mt-1.5 max-w-prose text-sm text-muted">
          Each of them reaches every organization. Members, keys and limits of one organization are shown once you
          choose it at the top of the navigation.
        </p>
      }
    >
      {mayMake ? <Keys organizationId={null} enabled onNew={() => setMaking(true)} /> : null}
      {making ? <NewKeyDialog organizationId={null} home={newKey} onClose={() => setMaking(false)} /> : null}
    </Page>
  )
}
