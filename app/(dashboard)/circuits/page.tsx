import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../require-session'
import { CircuitsPage } from './circuits-page'

export const metadata: Metadata = { title: 'Circuits' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/circuits', searchParams)
  return <CircuitsPage />
}
