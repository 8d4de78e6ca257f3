import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewRulePage } from './new-rule-page'

export const metadata: Metadata = { title: 'New alert rule' }

/** Its address begins with "~" as that of a new job type does (job-types/~new/page.tsx). */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/alerts/~new', searchParams)
  return <NewRulePage />
}
