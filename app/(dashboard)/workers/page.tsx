import type { Metadata } from 'next'
import { CancelStuckDialogs } from '@/app/_components/stuck/cancel-stuck-dialog'
import { requireSession, type SearchParams } from '../require-session'
import { WorkersPage } from './workers-page'

export const metadata: Metadata = { title: 'Workers' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/workers', searchParams)
  return (
    <CancelStuckDialogs>
      <WorkersPage />
    </CancelStuckDialogs>
  )
}
