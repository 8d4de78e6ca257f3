import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { AuditPage } from './audit-page'

export const metadata: Metadata = { title: 'Audit' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/audit', searchParams)
  return <AuditPage />
}
