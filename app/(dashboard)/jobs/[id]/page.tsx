import type { Metadata } from 'next'
import { CancelStuckDialogs } from '@/app/_components/stuck/cancel-stuck-dialog'
import { requireSession, type SearchParams } from '../../require-session'
import { JobPage } from './job-page'

export const metadata: Metadata = { title: 'Job' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>
  searchParams: SearchParams
}) {
  // Next.js gives the id as it stands in the address, still encoded.
  const { id } = await params
  await requireSession(`/jobs/${id}`, searchParams)
  return (
    <CancelStuckDialogs>
      <JobPage jobId={decodeURIComponent(id)} />
    </CancelStuckDialogs>
  )
}
