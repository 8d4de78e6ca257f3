'use client'

import dynamic from 'next/dynamic'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { FilterFace, filterClass } from '@/app/_components/multi-filter'
import type { JobType } from '@/app/_trpc/types'
import type { Filters } from './filters'

const TypeList = dynamic(() => import('./type-list'), {
  ssr: false,
  loading: () => <span className="skeleton m-2 block h-72" />,
})

interface Props {
  filters: Filters
  types: JobType[] | undefined
  onChange: (type: string[]) => void
}

/** Which job types. There may be hundreds, some with equal titles, so they are searched and counted. */
export function TypeFilter({ filters, types, onChange }: Props) {
  const [open, setOpen] = useState(false)
  const names = filters.type.map((name) => types?.find((type) => type.name === name)?.displayName ?? name)
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={filterClass(names.length > 0)}>
        <FilterFace name="Type" chosen={names} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Job types"
          className="enter z-50 w-(--popover) max-w-[calc(100vw-1rem)] rounded-md border border-line bg-raised text-ink shadow-pop [--popover:24rem]"
        >
          <TypeList filters={filters} types={types} onChange={onChange} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
