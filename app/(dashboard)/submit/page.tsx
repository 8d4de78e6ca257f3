import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { SubmitPage } from './submit-page'

export const metadata: Metadata = { title: 'Submit' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/submit', searchParams)
  return <SubmitPage />
}
