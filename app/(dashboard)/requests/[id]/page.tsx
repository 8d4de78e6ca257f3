import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { RequestPage } from './request-page'

export const metadata: Metadata = { title: 'Request' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  const { id } = await params
  await requireSession(`/requests/${id}`, searchParams)
  return <RequestPage requestId={decodeURIComponent(id)} />
}
