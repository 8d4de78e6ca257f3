'use client'

import { Building2, ChevronsUpDown, Globe } from 'lucide-react'
import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuTrigger } from '../menu'
import { ROLE_LABEL } from '../role-label'
import { useScope } from './organization'
import { ALL_ORGANIZATIONS } from './which-organization'
import { visibleContent, VisibleText } from '@/app/_components/visible-text'
import { visible } from '@/server/engine/domain/visible'

// The menu in which a person with several organizations chooses one.

export function OrgSwitcher() {
  const { me, organization, organizationId, ready, many, select } = useScope()
  const name = !me
    ? null
    : organization
      ? organization.name
      : ready && !organizationId
        ? 'All organizations'
        : me.organizations.length > 0
          ? 'Choose organization'
          : 'No organization'
  const Icon = me && ready && !organizationId ? Globe : Building2

  const face = (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate text-left">
        {visibleContent(name) ?? <span className="skeleton block h-3.5 w-24" />}
      </span>
    </>
  )
  const shape =
    'flex h-9 w-full min-w-0 items-center gap-2 rounded border border-line bg-surface px-2.5 text-sm font-medium shadow-card pointer-coarse:h-10'
  if (me && !many) return <div className={shape}>{face}</div>

  return (
    <Menu>
      <MenuTrigger
        className={`${shape} transition-colors hover:bg-hover`}
        aria-label={`Organization: ${visible(name ?? 'loading')}`}
      >
        {face}
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />
      </MenuTrigger>
      <MenuContent className="w-64">
        <MenuLabel>Organization</MenuLabel>
        <MenuRadioGroup value={organizationId ?? ALL_ORGANIZATIONS} onValueChange={select}>
          {me?.systemAdmin ? (
            <>
              <MenuRadioItem value={ALL_ORGANIZATIONS}>All organizations</MenuRadioItem>
              <MenuSeparator />
            </>
          ) : null}
          {me?.organizations.map((o) => (
            <MenuRadioItem key={o.id} value={o.id}>
              <span className="block truncate">
                <VisibleText text={o.name} />
              </span>
              <span className="block text-xs text-faint">
                {me.systemAdmin && !o.role ? 'System admin' : o.role ? ROLE_LABEL[o.role] : ''}
                {o.status === 'SUSPENDED' ? ' · suspended' : ''}
              </span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  )
}
