import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { requireSession, type SearchParams } from '../require-session'
import { SubmitPage } from './submit-page'

export const metadata: Metadata = { title: 'Submit' }

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/submit', searchParams)
  // Links from earlier versions open this page to run a job again. The job's own page does that now. It takes over
  // secret values, which this form would lose.
  const { from, org } = await searchParams
  if (typeof from === 'string')
    redirect(
      `/jobs/${encodeURIComponent(from)}?again=true${typeof org === 'string' ? `&org=${encodeURIComponent(org)}` : ''}`,
    )
  return <SubmitPage />
}
