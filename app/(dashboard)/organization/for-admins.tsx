import { LockKeyhole } from 'lucide-react'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useMembers } from './use-members'

/** Stands in place of what only admins may see, and names the admins to ask. */
export function ForAdmins({ what, organizationId }: { what: string; organizationId: string | undefined }) {
  const { me } = useScope()
  const members = useMembers(organizationId)
  if (!me) return <span className="skeleton mx-auto mt-20 block h-24 w-72 max-w-full" />
  const admins = (members.data ?? []).filter(({ role }) => role === 'ADMIN').flatMap(({ name }) => name ?? [])
  return (
    <EmptyState
      icon={LockKeyhole}
      title={`Only admins see ${what === 'API keys' ? what : what.toLowerCase()}`}
      text={admins.length > 0 ? `Ask ${listOf(admins)}.` : 'Ask an admin of this organization.'}
    />
  )
}

const SHOWN = 3
function listOf(names: string[]): string {
  const shown = names.slice(0, SHOWN)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} or one of ${rest} more`
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(shown)
}
