'use client'

import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { Check } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { useFocusHeir } from '@/app/_components/focus-heir'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useStep } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { JobType } from '@/app/_trpc/types'
import { isMoving, toFilter, type Filters } from './filters'

/** The most types that are drawn. */
const MOST = 50

interface Props {
  /** The button that opened the list and closes it again. */
  button: RefObject<HTMLButtonElement | null>
  onClose: () => void
  filters: Filters
  types: JobType[] | undefined
  onChange: (type: string[]) => void
}

/** The job types to choose from, below the button that opened the list. */
export default function TypeList({ button, onClose, ...list }: Props) {
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Anchor virtualRef={button} />
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Job types"
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            button.current?.focus()
          }}
          // A press on the button already closes the list, so it must not count as a press outside.
          onPointerDownOutside={(event) => {
            if (button.current?.contains(event.target as Node)) event.preventDefault()
          }}
          className="enter z-50 w-96 max-w-[calc(100vw-1rem)] rounded-md border border-line bg-raised text-ink shadow-pop"
        >
          <List {...list} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Each type with the number of jobs that it would show together with the other filters. */
function List({ filters, types = [], onChange }: Omit<Props, 'button' | 'onClose'>) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const fitting = types.filter(
    ({ name, displayName }) => name.includes(wanted) || displayName.toLowerCase().includes(wanted),
  )
  const listed = fitting.slice(0, MOST)
  const toggle = (name: string) => {
    // A beginning such as `report.*` cannot stand beside names, so it gives way to the name that is chosen.
    const names = filters.type.filter((one) => !one.endsWith('*'))
    onChange(names.includes(name) ? names.filter((one) => one !== name) : [...names, name])
  }
  return (
    <Command shouldFilter={false} label="Job types" loop>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="Search job types"
        className="h-10 w-full border-b border-line bg-transparent px-3 text-sm outline-none pointer-coarse:text-lg"
      />
      <Command.List className="max-h-80 overflow-y-auto p-1">
        <Command.Empty className="px-2 py-3 text-sm text-faint">
          {types.length === 0 ? 'There are no job types yet.' : 'No job type has this in its name.'}
        </Command.Empty>
        {listed.map(({ name, displayName }) => {
          const chosen = filters.type.includes(name)
          return (
            <Command.Item
              key={name}
              value={name}
              aria-checked={chosen}
              onSelect={() => toggle(name)}
              className="flex min-h-8 cursor-default items-center gap-2 rounded px-2 py-1 text-sm select-none data-[selected=true]:bg-hover pointer-coarse:min-h-10"
            >
              <span
                aria-hidden
                className="grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong"
              >
                {chosen ? <Check className="size-3.5 text-accent" /> : null}
              </span>
              <span className="min-w-0 flex-1">
                <span className="block truncate">
                  <VisibleText text={displayName} />
                </span>
                {displayName === name ? null : (
                  <span className="block truncate font-mono text-2xs text-faint">{name}</span>
                )}
              </span>
              <CountOf name={name} filters={filters} />
            </Command.Item>
          )
        })}
        {fitting.length > MOST ? (
          <p className="px-2 py-1.5 text-xs text-faint">
            {fitting.length - MOST} more. Type a part of the name to find them.
          </p>
        ) : null}
      </Command.List>
      {filters.type.length > 0 ? <Clear onClear={() => onChange([])} /> : null}
    </Command>
  )
}

/** When it vanishes, the field above gets the focus. */
const Clear = ({ onClear }: { onClear: () => void }) => (
  <button
    ref={useFocusHeir<HTMLButtonElement>()}
    type="button"
    className="w-full border-t border-line px-3 py-2 text-left text-sm text-muted hover:bg-hover"
    onClick={onClear}
  >
    Clear
  </button>
)

/**
 * How many jobs of the type the other filters find. Each number is a call of its own, so only types that have come into
 * sight are counted. A dash stands until the number is known.
 */
function CountOf({ name, filters }: { name: string; filters: Filters }) {
  const trpc = useTRPC()
  const { organizationId, viewer, ready } = useScope()
  const place = useRef<HTMLSpanElement>(null)
  const [seen, setSeen] = useState(false)
  const minute = useStep(60_000)
  const scope = useMemo(() => ({ organizationId, userId: viewer.userId }), [organizationId, viewer.userId])
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      setSeen(true)
      observer.disconnect()
    })
    if (place.current) observer.observe(place.current)
    return () => observer.disconnect()
  }, [])
  const { data } = useQuery(
    trpc.jobs.count.queryOptions(toFilter({ ...filters, type: [name] }, scope, isMoving(filters) ? minute : 0), {
      enabled: ready && seen,
      staleTime: 30_000,
    }),
  )
  return (
    <span ref={place} className="min-w-8 text-right text-xs text-faint tabular-nums">
      {data ? formatCount(data.count, data.capped) : '–'}
    </span>
  )
}
