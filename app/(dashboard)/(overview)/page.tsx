import type { Metadata } from 'next'
import { CancelStuckDialogs } from '@/app/_components/stuck/cancel-stuck-dialog'
import { requireSession, type SearchParams } from '../require-session'
import { OverviewPage } from './overview-page'

export const metadata: Metadata = { title: { absolute: 'Overview · Jobyard' } }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/', searchParams)
  return (
    <CancelStuckDialogs>
      <OverviewPage />
    </CancelStuckDialogs>
  )
}
