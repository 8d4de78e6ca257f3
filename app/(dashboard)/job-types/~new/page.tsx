import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewTypePage } from './new-type-page'

export const metadata: Metadata = { title: 'New job type' }

/** The name of a job type never begins with "~". So the address of this page is never the address of a job type. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/job-types/~new', searchParams)
  return <NewTypePage />
}
