'use client'

import dynamic from 'next/dynamic'
import { useRef, useState } from 'react'
import { FilterFace, filterClass } from '@/app/_components/multi-filter'
import type { JobType } from '@/app/_trpc/types'
import type { Filters } from './filters'

// The code of the list with its search is loaded when it is first opened.
const TypeList = dynamic(() => import('./type-list'), { ssr: false })

interface Props {
  filters: Filters
  types: JobType[] | undefined
  onChange: (type: string[]) => void
}

/**
 * Chooses job types. There may be hundreds, some with the same display name. So the list can be searched and shows how
 * many jobs each type has.
 */
export function TypeFilter({ filters, types, onChange }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const names = filters.type.map((name) => types?.find((type) => type.name === name)?.displayName ?? name)
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        className={filterClass(names.length > 0)}
        onClick={() => setOpen(!open)}
      >
        <FilterFace name="Type" chosen={names} />
      </button>
      {open ? (
        <TypeList button={button} filters={filters} types={types} onChange={onChange} onClose={() => setOpen(false)} />
      ) : null}
    </>
  )
}
