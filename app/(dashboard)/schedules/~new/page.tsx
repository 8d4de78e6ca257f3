import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewSchedulePage } from './new-schedule-page'

export const metadata: Metadata = { title: 'New schedule' }

/** Its address begins with "~" as that of a new job type does (job-types/~new/page.tsx). */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/schedules/~new', searchParams)
  return <NewSchedulePage />
}
