'use client'

import { useQueryClient } from '@tanstack/react-query'
import { CircleUser, KeyRound, LogOut, Monitor, Moon, PauseCircle, Sun } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from '../menu'
import { may } from '../may'
import { useTRPC } from '@/app/_trpc/client'
import { leave } from './leave'
import { useScope } from './organization'
import { applyTheme, type Theme } from './theme'
import { visibleContent, VisibleText } from '@/app/_components/visible-text'
import { visible } from '@/server/engine/domain/visible'

const PauseDialog = dynamic(() => import('./pause-dialog'), { ssr: false })

/** The menu of the person who is signed in: appearance, pause, a new API key, the account, and the way out. */
export function UserMenu({ initialTheme }: { initialTheme: Theme }) {
  const { me, viewer, organization, href } = useScope()
  const router = useRouter()
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [pausing, setPausing] = useState(false)
  const mayPause = may(viewer, 'organization.pause')
  // A person who may not pause the organization can ask an admin to do it. The dialog decides which it offers.
  const offersPause = organization && (mayPause || may(viewer, 'requests.create'))
  const [theme, setTheme] = useState(initialTheme)
  const name = me?.user?.name ?? ''
  const role = viewer.systemAdmin
    ? 'System admin'
    : viewer.role
      ? viewer.role[0] + viewer.role.slice(1).toLowerCase()
      : ''

  return (
    <>
      <Menu>
        <MenuTrigger
          // It contains what is seen on it, so that a person who speaks to the computer reaches it.
          aria-label={[name, role, 'Account and appearance'].filter(Boolean).map(visible).join(', ')}
          className="flex min-w-0 items-center gap-2.5 rounded p-1.5 text-left transition-colors hover:bg-hover lg:w-full"
        >
          <span
            aria-hidden
            className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
          >
            {initials(name)}
          </span>
          <span className="hidden min-w-0 flex-1 lg:block">
            {me ? (
              <>
                <span className="block truncate text-sm font-medium">{visibleContent(name)}</span>
                <span className="block truncate text-xs text-faint">{role}</span>
              </>
            ) : (
              <span className="skeleton block h-3.5 w-24" />
            )}
          </span>
        </MenuTrigger>
        <MenuContent align="end" className="w-60">
          <div className="px-2 py-1.5">
            <div className="truncate text-sm font-medium">{visibleContent(name)}</div>
            <div className="truncate text-xs text-faint">{visibleContent(me?.user?.email)}</div>
          </div>
          <MenuSeparator />
          <MenuLabel>Appearance</MenuLabel>
          <MenuRadioGroup
            value={theme}
            onValueChange={(value) => {
              setTheme(value as Theme)
              applyTheme(value as Theme)
            }}
          >
            <MenuRadioItem value="system">
              <ThemeChoice icon={<Monitor aria-hidden />} text="Like the system" />
            </MenuRadioItem>
            <MenuRadioItem value="light">
              <ThemeChoice icon={<Sun aria-hidden />} text="Light" />
            </MenuRadioItem>
            <MenuRadioItem value="dark">
              <ThemeChoice icon={<Moon aria-hidden />} text="Dark" />
            </MenuRadioItem>
          </MenuRadioGroup>
          {organization && may(viewer, 'apiKeys.manage') ? (
            <>
              <MenuSeparator />
              <MenuItem onSelect={() => router.push(href('/organization?tab=keys&new=key'))}>
                <KeyRound aria-hidden className="text-faint" /> New API key…
              </MenuItem>
            </>
          ) : null}
          {offersPause ? (
            <>
              <MenuSeparator />
              <MenuItem onSelect={() => setPausing(true)}>
                <PauseCircle aria-hidden className="text-faint" /> {mayPause ? 'Pause' : 'Ask to pause'}{' '}
                <VisibleText text={organization.name} />…
              </MenuItem>
            </>
          ) : null}
          <MenuSeparator />
          <MenuItem onSelect={() => router.push(href('/account'))}>
            <CircleUser aria-hidden className="text-faint" /> Your account
          </MenuItem>
          <MenuItem onSelect={() => void leave()}>
            <LogOut aria-hidden className="text-faint" /> Sign out
          </MenuItem>
        </MenuContent>
      </Menu>
      {pausing && organization ? (
        <PauseDialog
          organization={organization}
          onClose={() => {
            setPausing(false)
            void queryClient.invalidateQueries({ queryKey: trpc.control.list.queryKey() })
          }}
        />
      ) : null}
    </>
  )
}

const ThemeChoice = ({ icon, text }: { icon: React.ReactNode; text: string }) => (
  <span className="flex items-center gap-2 [&_svg]:text-faint">
    {icon}
    {text}
  </span>
)

const initials = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('')
