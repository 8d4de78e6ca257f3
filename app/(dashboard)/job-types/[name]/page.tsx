import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { TypePage } from './type-page'

export const metadata: Metadata = { title: 'Job type' }

export default async function Page({
  params,
  searchParams,
}: {
  params: Promise<{ name: string }>
  searchParams: SearchParams
}) {
  const { name } = await params
  await requireSession(`/job-types/${name}`, searchParams)
  return <TypePage name={decodeURIComponent(name)} />
}
