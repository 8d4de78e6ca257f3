import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../../require-session'
import { EditRulePage } from './edit-rule-page'

export const metadata: Metadata = { title: 'Change an alert rule' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/alerts/${id}/edit`, searchParams)
  return <EditRulePage ruleId={decodeURIComponent(id)} />
}
