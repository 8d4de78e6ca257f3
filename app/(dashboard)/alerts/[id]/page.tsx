import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { RulePage } from './rule-page'

export const metadata: Metadata = { title: 'Alert rule' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/alerts/${id}`, searchParams)
  return <RulePage ruleId={decodeURIComponent(id)} />
}
