import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewSchedulePage } from './new-schedule-page'

export const metadata: Metadata = { title: 'New schedule' }

/** The id of a schedule is a UUID. So the address of this page is never the address of a schedule. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/schedules/~new', searchParams)
  return <NewSchedulePage />
}
