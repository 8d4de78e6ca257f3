import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { AccountPage } from './account-page'

export const metadata: Metadata = { title: 'Your account' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/account', searchParams)
  return <AccountPage />
}
