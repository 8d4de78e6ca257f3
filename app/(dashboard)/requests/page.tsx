import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { RequestsPage } from './requests-page'

export const metadata: Metadata = { title: 'Requests' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/requests', searchParams)
  return <RequestsPage />
}
