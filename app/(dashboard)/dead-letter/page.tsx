import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { DeadLetterPage } from './dead-letter-page'

export const metadata: Metadata = { title: 'Dead letter' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/dead-letter', searchParams)
  return <DeadLetterPage />
}
