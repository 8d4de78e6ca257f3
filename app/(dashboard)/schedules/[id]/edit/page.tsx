import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../../require-session'
import { EditSchedulePage } from './edit-schedule-page'

export const metadata: Metadata = { title: 'Change a schedule' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/schedules/${id}/edit`, searchParams)
  return <EditSchedulePage scheduleId={decodeURIComponent(id)} />
}
