import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { BulkPage } from './bulk-page'

export const metadata: Metadata = { title: 'Bulk actions' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/bulk', searchParams)
  return <BulkPage />
}
