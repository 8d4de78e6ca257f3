'use client'

import { MailPlus, Users } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Card } from '@/app/_components/card'
import { DataTable } from '@/app/_components/data-table/data-table'
import { may } from '@/app/_components/may'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import type { Member } from '@/app/_trpc/types'
import { entriesOf } from '../audit/objects'
import { invitationColumns, memberColumns, MemberCard, type MemberAct } from './member-columns'
import { useMembers } from './use-members'

const InviteDialog = dynamic(() => import('./invite-dialog'), { ssr: false })
const RoleDialog = dynamic(() => import('./role-dialog'), { ssr: false })
const RemoveDialog = dynamic(() => import('./remove-dialog'), { ssr: false })

/**
 * The members of an organization. Admins also see open invitations.
 * @param onInvite undefined where this person may not invite anybody.
 */
export function Members({
  organizationId,
  onInvite,
}: {
  organizationId: string | undefined
  onInvite: (() => void) | undefined
}) {
  const { viewer, href } = useScope()
  const router = useRouter()
  const list = useMembers(organizationId)
  const [acting, setActing] = useState<{ act: MemberAct; member: Member } | null>(null)
  const mayWrite = may(viewer, 'members.write')
  const members = list.data?.filter(({ status }) => status === 'MEMBER')
  const invited = list.data?.filter(({ status }) => status !== 'MEMBER') ?? []
  const onAct = mayWrite
    ? (act: MemberAct, member: Member) =>
        act === 'audit'
          ? router.push(href(entriesOf(member.status === 'MEMBER' ? 'member' : 'invitation', member.id)))
          : setActing({ act, member })
    : undefined
  const close = () => setActing(null)
  const look = { userId: viewer.userId, onAct }
  const card = (member: Member) => <MemberCard member={member} {...look} />

  if (list.error && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  return (
    <div className="grid gap-4">
      <Card id="members" title="Members" note={members ? formatCount(members.length) : undefined} padded={false}>
        {members?.length === 0 ? (
          <EmptyState
            compact
            icon={Users}
            title="Nobody is a member yet"
            text="Whoever is invited becomes a member by accepting."
            action={onInvite ? { label: 'Invite the first one', onClick: onInvite } : undefined}
          />
        ) : (
          <DataTable
            name="members"
            caption="Members, oldest first"
            columns={memberColumns(look)}
            rows={members ?? []}
            rowKey={({ id }) => id}
            card={card}
            loading={!members}
            skeletonRows={3}
          />
        )}
      </Card>
      {/* The card appears together with its content. An empty card would be pushed down by the members above it. */}
      {mayWrite && members ? (
        <Card id="invitations" title="Open invitations" note={formatCount(invited.length)} padded={false}>
          {invited.length === 0 ? (
            <EmptyState
              compact
              icon={MailPlus}
              title="No open invitation"
              text="An invitation is a link that you hand over yourself. It works once, for 7 days."
            />
          ) : (
            <DataTable
              name="invitations"
              caption="Open invitations, oldest first"
              columns={invitationColumns(look)}
              rows={invited}
              rowKey={({ id }) => id}
              card={card}
            />
          )}
        </Card>
      ) : null}
      {acting && organizationId ? (
        acting.act === 'role' ? (
          <RoleDialog organizationId={organizationId} member={acting.member} onClose={close} />
        ) : acting.act === 'link' ? (
          <InviteDialog organizationId={organizationId} again={acting.member} onClose={close} />
        ) : (
          <RemoveDialog organizationId={organizationId} member={acting.member} onClose={close} />
        )
      ) : null}
    </div>
  )
}
