import { Ellipsis } from 'lucide-react'
import { iconButtonClass } from '@/app/_components/button-class'
import type { Column } from '@/app/_components/data-table/columns'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/app/_components/menu'
import { RelativeTime } from '@/app/_components/relative-time'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { visibleContent, VisibleText } from '@/app/_components/visible-text'
import type { Member } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'

/**
 * The actions on a member or an invitation. `link` makes a new link for an invitation. `audit` opens the audit entries
 * about the member.
 */
export type MemberAct = 'role' | 'link' | 'remove' | 'audit'

interface Look {
  /** The person who looks. */
  userId: string | null
  /** Undefined where this person may not change members. */
  onAct: ((act: MemberAct, member: Member) => void) | undefined
}

export const nameOf = ({ name, email }: Member) => name ?? email ?? 'This person'

export const memberColumns = (look: Look): Column<Member>[] => [
  {
    key: 'name',
    header: 'Name',
    alwaysShown: true,
    cell: (member) => <Person member={member} userId={look.userId} />,
  },
  ...(look.onAct
    ? [{ key: 'email', header: 'Email', width: 280, cell: ({ email }: Member) => <Muted text={email} /> }]
    : []),
  { key: 'role', header: 'Role', width: 128, cell: ({ role }) => ROLE_LABEL[role] },
  {
    key: 'since',
    header: 'Member since',
    width: 136,
    cell: ({ since }) => <RelativeTime at={since} className="text-muted" />,
  },
  ...actions(look),
]

export const invitationColumns = (look: Look): Column<Member>[] => [
  { key: 'email', header: 'Email', alwaysShown: true, cell: (member) => visibleContent(member.email) },
  { key: 'name', header: 'Name', width: 160, from: 'lg', cell: ({ name }) => <Muted text={name} /> },
  { key: 'role', header: 'Role', width: 112, cell: ({ role }) => ROLE_LABEL[role] },
  {
    key: 'by',
    header: 'Invited by',
    width: 160,
    from: 'lg',
    cell: (member) => <Muted text={member.invitedBy?.name} />,
  },
  { key: 'link', header: 'Link', width: 136, cell: (member) => <LinkState member={member} /> },
  ...actions(look),
]

function actions({ onAct }: Look): Column<Member>[] {
  if (!onAct) return []
  return [
    {
      key: 'actions',
      header: 'Actions',
      width: 80,
      align: 'right',
      alwaysShown: true,
      cell: (member) => <Actions member={member} onAct={onAct} />,
    },
  ]
}

/** A member or an invitation as a card, for a phone. */
export function MemberCard({ member, userId, onAct }: { member: Member } & Look) {
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1 text-sm">
        <Person member={member} userId={userId} />
        {member.email && member.name ? (
          <div className="mt-0.5 text-xs wrap-anywhere text-muted">{visibleContent(member.email)}</div>
        ) : null}
        <div className="mt-0.5 text-xs text-muted">
          {ROLE_LABEL[member.role]} ·{' '}
          {member.status === 'MEMBER' ? (
            <>
              since <RelativeTime at={member.since} />
            </>
          ) : (
            <LinkState member={member} />
          )}
        </div>
      </div>
      {onAct ? <Actions member={member} onAct={onAct} /> : null}
    </div>
  )
}

function Person({ member, userId }: { member: Member; userId: string | null }) {
  return (
    <>
      <span className="font-medium">
        <VisibleText text={nameOf(member)} />
      </span>
      {member.userId !== null && member.userId === userId ? (
        <span className="ml-1.5 text-xs text-faint">you</span>
      ) : null}
    </>
  )
}

const Muted = ({ text }: { text: string | null | undefined }) =>
  text ? (
    <span className="text-muted">
      <VisibleText text={text} />
    </span>
  ) : (
    <span className="text-faint">–</span>
  )

function LinkState({ member: { status, expiresAt } }: { member: Member }) {
  if (status === 'EXPIRED' || !expiresAt) return <span className="text-warn">has expired</span>
  return (
    <span className="text-muted">
      ends <RelativeTime at={expiresAt} planned />
    </span>
  )
}

function Actions({ member, onAct }: { member: Member; onAct: NonNullable<Look['onAct']> }) {
  const invited = member.status !== 'MEMBER'
  const actions = `Actions for ${visible(nameOf(member))}`
  return (
    <Menu>
      <MenuTrigger className={iconButtonClass} aria-label={actions} title={actions}>
        <Ellipsis aria-hidden />
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem onSelect={() => onAct('role', member)}>Change role…</MenuItem>
        {invited ? <MenuItem onSelect={() => onAct('link', member)}>Make a new link…</MenuItem> : null}
        <MenuItem onSelect={() => onAct('audit', member)}>Who changed it</MenuItem>
        <MenuItem onSelect={() => onAct('remove', member)}>{invited ? 'Withdraw invitation…' : 'Remove…'}</MenuItem>
      </MenuContent>
    </Menu>
  )
}
