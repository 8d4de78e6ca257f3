import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { AlertsPage } from './alerts-page'

export const metadata: Metadata = { title: 'Alerts' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/alerts', searchParams)
  return <AlertsPage />
}
