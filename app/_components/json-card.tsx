'use client'

import { Card } from './card'
import { CopyButton } from './copy-button'
import { JsonViewer, type LinkOf } from './json-viewer'

const isEmpty = (value: unknown) =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)

/** A JSON value under a heading, with a button that copies it. */
export function JsonCard({
  id,
  title,
  value,
  empty,
  linkOf,
}: {
  id: string
  title: string
  value: unknown
  empty: string
  linkOf?: LinkOf
}) {
  const nothing = isEmpty(value)
  return (
    <Card
      id={id}
      title={title}
      actions={
        nothing ? null : (
          <CopyButton text={() => JSON.stringify(value, null, 2)} label={`Copy ${title.toLowerCase()}`} />
        )
      }
    >
      {nothing ? (
        <p className="text-sm text-faint">{empty}</p>
      ) : (
        <div className="max-h-96 overflow-y-auto">
          <JsonViewer value={value} label={title} linkOf={linkOf} />
        </div>
      )}
    </Card>
  )
}
