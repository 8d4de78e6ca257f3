import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { JobTypesPage } from './job-types-page'

export const metadata: Metadata = { title: 'Job types' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/job-types', searchParams)
  return <JobTypesPage />
}
