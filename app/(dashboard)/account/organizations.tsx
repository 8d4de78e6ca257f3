'use client'

import Link from '@/app/_components/link'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { VisibleText } from '@/app/_components/visible-text'
import type { Me } from '@/app/_trpc/types'

/** The organizations of this person, with their role in each. */
export function Organizations({ organizations }: Pick<Me, 'organizations'>) {
  if (organizations.length === 0)
    return <p className="p-4 text-sm text-muted">You are a member of no organization yet. An admin can invite you.</p>
  return (
    <ul className="divide-y divide-line">
      {organizations.map(({ id, name, role, status }) => (
        <li key={id} className="flex items-baseline justify-between gap-4 px-4 py-2.5 text-sm">
          <Link href={`/?org=${id}`} className="min-w-0 truncate rounded font-medium hover:underline">
            <VisibleText text={name} />
          </Link>
          <span className="shrink-0 text-xs text-muted">
            {ROLE_LABEL[role]}
            {status === 'ACTIVE' ? '' : ` · ${status.toLowerCase()}`}
          </span>
        </li>
      ))}
    </ul>
  )
}
