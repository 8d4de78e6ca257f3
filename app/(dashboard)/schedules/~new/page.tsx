import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewSchedulePage } from './new-schedule-page'

export const metadata: Metadata = { title: 'New schedule' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/schedules/~new', searchParams)
  return <NewSchedulePage />
}
