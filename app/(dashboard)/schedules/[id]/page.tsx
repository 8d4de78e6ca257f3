import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { SchedulePage } from './schedule-page'

export const metadata: Metadata = { title: 'Schedule' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/schedules/${id}`, searchParams)
  return <SchedulePage scheduleId={decodeURIComponent(id)} />
}
