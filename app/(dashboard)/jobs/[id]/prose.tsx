'use client'

import { Fragment } from 'react'
import { VisibleText } from '@/app/_components/visible-text'
import { proseParts } from './prose-parts'
import { JobLink } from './job-link'

/**
 * A sentence of the engine for people. Ids of jobs in it become links, by title where it is known, and names of
 * statuses become words.
 */
export function Prose({ text, titles }: { text: string; titles?: ReadonlyMap<string, string> }) {
  return proseParts(text).map((part, i) => (
    <Fragment key={i}>
      {'jobId' in part ? (
        <JobLink jobId={part.jobId} title={titles?.get(part.jobId)} />
      ) : (
        <VisibleText text={part.text} />
      )}
    </Fragment>
  ))
}
