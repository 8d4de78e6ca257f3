import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { JobsPage } from './jobs-page'

export const metadata: Metadata = { title: 'Jobs' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/jobs', searchParams)
  return <JobsPage />
}
