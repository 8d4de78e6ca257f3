import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { PlatformPage } from './platform-page'

export const metadata: Metadata = { title: 'Platform' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/platform', searchParams)
  return <PlatformPage />
}
