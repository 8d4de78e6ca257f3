import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { OrganizationPage } from './organization-page'

export const metadata: Metadata = { title: 'Organization' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/organization', searchParams)
  return <OrganizationPage />
}
