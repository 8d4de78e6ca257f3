'use client'

import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { IconButton } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import { STATUSES } from '@/app/_components/job-status'
import { formatRelative } from '@/app/_components/time'
import { StatusIcon } from '@/app/_components/status-badge'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { JobStatus } from '@/app/_trpc/types'
import { isLongEnough } from '@/server/engine/domain/search-scripts'

// The field in which somebody chooses the jobs that a new job waits for, which are called its parents.

export interface Parent {
  id: string
  title: string
  jobType: string
  status: JobStatus
}

/** A job that a new one waits for. */
export interface ChosenParent extends Parent {
  /** With `ended` the new job also starts when this one is canceled or dead. */
  on: 'completed' | 'ended'
}

/** The most jobs that are offered at once. */
const SHOWN = 8
/** The search begins after the typing has paused for this long. */
const PAUSE_MS = 200
/**
 * The statuses of the jobs that are offered. A job is chosen as one that must complete, and a canceled or dead one never
 * does.
 */
const POSSIBLE = STATUSES.filter((status) => status !== 'CANCELED' && status !== 'DEAD_LETTER')

/** Chooses the jobs that a new one waits for. They are found by words, so nobody needs to know their ids. */
export function ParentsField({
  organizationId,
  chosen,
  onChange,
  error,
}: {
  organizationId: string
  chosen: readonly ChosenParent[]
  onChange: (chosen: ChosenParent[]) => void
  error: string | null
}) {
  const trpc = useTRPC()
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [search, setSearch] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  // Nothing is offered until the jobs with the text in the field are found. So Enter never chooses a job that was found
  // for the text before.
  const asked = isLongEnough(search) && search === text.trim()
  const found = useQuery(
    trpc.jobs.list.queryOptions(
      { organizationId, search, status: POSSIBLE, limit: SHOWN },
      { enabled: asked, staleTime: 5_000 },
    ),
  )
  const offered = asked ? (found.data?.items ?? []).filter(({ id }) => !chosen.some((one) => one.id === id)) : []
  const open = isLongEnough(text.trim())
  const active = offered[Math.min(at, offered.length - 1)]
  const choose = ({ id, title, jobType, status }: Parent) => {
    onChange([...chosen, { id, title, jobType, status, on: 'completed' }])
    setText('')
    setAt(0)
  }
  return (
    <Field
      id="dependsOn"
      label="Waits for"
      hint={
        chosen.some(({ on }) => on === 'ended')
          ? 'It starts when all of these have come so far.'
          : 'It starts when all of these have completed.'
      }
      error={error}
    >
      {chosen.length > 0 ? (
        <ul aria-label="Jobs that it waits for" className="grid gap-1">
          {chosen.map((parent) => (
            <li key={parent.id} className="grid gap-1 rounded border border-line px-2 pb-2 text-sm">
              <div className="flex items-center gap-2">
                <JobName job={parent} />
                <IconButton
                  label={`Do not wait for ${parent.title}`}
                  className="ml-auto"
                  onClick={() => onChange(chosen.filter(({ id }) => id !== parent.id))}
                >
                  <X aria-hidden />
                </IconButton>
              </div>
              <Select
                aria-label={`How far ${parent.title} must have come`}
                value={parent.on}
                onChange={({ target }) =>
                  onChange(
                    chosen.map((one) =>
                      one.id === parent.id ? { ...one, on: target.value as ChosenParent['on'] } : one,
                    ),
                  )
                }
              >
                <option value="completed">until it has completed</option>
                <option value="ended">until it has ended, also if it fails</option>
              </Select>
            </li>
          ))}
        </ul>
      ) : null}
      <div
        className="relative"
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setText('')
        }}
      >
        <Input
          id="dependsOn"
          role="combobox"
          aria-expanded={open}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={open && active ? `${list}-${active.id}` : undefined}
          autoComplete="off"
          placeholder="Find a job by title, words or id"
          value={text}
          {...describedByNote('dependsOn', true, error)}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={(event) => {
            if (!open) return
            if (event.key === 'ArrowDown') setAt(Math.max(0, Math.min(at + 1, offered.length - 1)))
            else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
            else if (event.key === 'Escape') setText('')
            else if (event.key === 'Enter') {
              if (active) choose(active)
            } else return
            event.preventDefault()
          }}
        />
        <ul
          id={list}
          role="listbox"
          aria-label="Jobs found"
          hidden={!open}
          className="absolute inset-x-0 z-20 mt-1 max-h-72 overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-pop"
        >
          {offered.map((job) => (
            <li
              key={job.id}
              id={`${list}-${job.id}`}
              role="option"
              aria-selected={job === active}
              className={cn(
                'flex cursor-pointer items-center gap-2 rounded-sm px-2 py-1.5 text-sm',
                job === active && 'bg-hover',
              )}
              // The press comes before the field loses the focus. Losing the focus closes the list.
              onPointerDown={(event) => {
                event.preventDefault()
                choose(job)
              }}
            >
              <JobName job={job} />
              <span className="ml-auto shrink-0 text-xs text-faint">
                {formatRelative(Date.parse(job.createdAt), Date.now())}
              </span>
            </li>
          ))}
          {offered.length === 0 ? (
            <li role="option" aria-selected={false} aria-disabled className="px-2 py-1.5 text-sm text-faint">
              {found.isFetching || !asked
                ? 'Looking…'
                : found.error
                  ? 'The jobs could not be read.'
                  : 'No job that can complete has these words.'}
            </li>
          ) : null}
        </ul>
      </div>
    </Field>
  )
}

const JobName = ({ job: { title, jobType, status } }: { job: Parent }) => (
  <>
    <StatusIcon status={status} className="[animation:none]" />
    <span className="min-w-0 truncate">
      <VisibleText text={title} />
    </span>
    {title === jobType ? null : <span className="truncate font-mono text-xs text-faint">{jobType}</span>}
  </>
)
