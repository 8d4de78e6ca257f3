import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { ReceiptPage } from './receipt-page'

export const metadata: Metadata = { title: 'Bulk action' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/bulk/${id}`, searchParams)
  return <ReceiptPage bulkId={decodeURIComponent(id)} />
}
