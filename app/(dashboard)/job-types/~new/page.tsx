import type { Metadata } from 'next'
import { requireSession, type SearchParams } from '../../require-session'
import { NewTypePage } from './new-type-page'

export const metadata: Metadata = { title: 'New job type' }

/** Its address begins with a sign that no name of a job type begins with, so that it hides none of them. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSession('/job-types/~new', searchParams)
  return <NewTypePage />
}
