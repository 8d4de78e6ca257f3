import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { SchedulesPage } from './schedules-page'

export const metadata: Metadata = { title: 'Schedules' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/schedules', searchParams)
  return <SchedulesPage />
}
