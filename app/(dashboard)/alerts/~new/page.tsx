import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewRulePage } from './new-rule-page'

export const metadata: Metadata = { title: 'New alert rule' }

/** The id of a rule is a UUID. So the address of this page is never the address of a rule. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/alerts/~new', searchParams)
  return <NewRulePage />
}
