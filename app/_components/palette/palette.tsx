'use client'

import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import {
  Building2,
  Keyboard,
  KeyRound,
  ListTree,
  PauseCircle,
  Search,
  SquarePlus,
  Zap,
  type LucideIcon,
} from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { createSerializer } from 'nuqs'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { filterParsers, isAskable, isMoving, toFilter } from '@/app/(dashboard)/jobs/filters'
import { readSearch } from '@/app/(dashboard)/jobs/search/grammar'
import { useTRPC } from '@/app/_trpc/client'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { isLongEnough } from '@/server/engine/domain/search-scripts'
import { STATUS_META, whyNotSubmit } from '../job-status'
import { may } from '../may'
import { useScope } from '../shell/organization'
import { ALL_ORGANIZATIONS } from '../shell/which-organization'
import { pagesFor } from '../shell/pages'
import { useStep } from '../use-now'
import { FOCUS_IS_BACK_MS, useReturnOfFocus } from '../use-return-of-focus'
import { formatCount } from '../time'
import { VisibleText } from '../visible-text'
import { useOpenActions } from './page-actions'

const PauseDialog = dynamic(() => import('../shell/pause-dialog'), { ssr: false })

/** How many jobs, and how many job types, are shown at most. */
const FOUND = 6
/** How many organizations are shown at most. Drawing hundreds would take longer than the palette may take to open. */
const ORGANIZATIONS = 8
/** The search begins after the typing has paused for this long. */
const PAUSE_MS = 200
/** The value by which the list knows the entry that leads to all jobs. Nobody sees it. */
const ALL_JOBS = 'all jobs that match'

/**
 * The command palette. It reaches pages, jobs, organizations and the page's own actions by keyboard. Its code is loaded
 * when it is first opened.
 */
export default function Palette({
  begun,
  onShown,
  onClose,
  onShortcuts,
}: {
  /** What was typed elsewhere before the palette was open. */
  begun: string
  /** Called when it takes what is typed. */
  onShown: () => void
  onClose: () => void
  onShortcuts: () => void
}) {
  const { viewer, me, organization, organizationId, ready, many, select, href } = useScope()
  useReturnOfFocus()
  useEffect(onShown, [onShown])
  const router = useRouter()
  const actions = useOpenActions()
  const types = useJobTypes(organizationId, ready)
  const [text, setText] = useState(begun)
  const [pausing, setPausing] = useState(false)
  const wanted = text.trim()
  const { jobs, problem, failed, path } = useJobsFor(wanted)
  const [marked, setMarked] = useState('')
  const first = jobs[0]?.id
  const [known, setKnown] = useState(first)
  if (first !== known) {
    // Jobs arrive a moment after the typing and stand above the entry that was marked. The mark moves to the first job.
    setKnown(first)
    if (first && marked === ALL_JOBS) setMarked(`job ${first}`)
  }

  const fits = (...texts: string[]) =>
    wanted
      .toLowerCase()
      .split(/\s+/)
      .every((word) => texts.some((one) => one.toLowerCase().includes(word)))
  const go = (path: string) => {
    onClose()
    router.push(href(path))
  }
  const act = (run: () => void) => {
    onClose()
    // Closing gives the focus back to the page. The action runs after that, so that it can move the focus itself.
    setTimeout(run, 2 * FOCUS_IS_BACK_MS)
  }
  if (pausing && organization) return <PauseDialog organization={organization} onClose={onClose} />

  const pages = pagesFor(viewer).flatMap((one) => one.pages)
  const everything = { id: ALL_ORGANIZATIONS, name: 'All organizations' }
  const organizations = (
    many ? [...(viewer.systemAdmin ? [everything] : []), ...(me?.organizations ?? [])] : []
  ).filter(({ id, name }) => id !== (organizationId ?? ALL_ORGANIZATIONS) && fits(name, 'switch to organization'))
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      label="Command palette"
      shouldFilter={false}
      loop
      value={marked}
      onValueChange={setMarked}
      overlayClassName="enter fixed inset-0 z-40 bg-scrim"
      contentClassName="enter fixed inset-x-4 top-[12dvh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border border-line bg-raised text-ink shadow-pop outline-none"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Find a job, go to a page, or do something"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
      />
      <Command.List className="max-h-[60dvh] overflow-y-auto p-2">
        <Command.Empty className="px-2 py-6 text-center text-sm text-muted">
          Nothing is called that. Type an id or words of a job to look for it.
        </Command.Empty>
        {problem ? (
          <p role="status" className="px-2 py-1.5 text-sm text-danger wrap-anywhere">
            <span className="font-mono text-xs">
              <VisibleText text={problem.word} />
            </span>{' '}
            <VisibleText text={problem.message} />
          </p>
        ) : null}
        {failed ? (
          <p role="status" className="px-2 py-1.5 text-sm text-danger">
            The jobs could not be looked for. Type on to try again.
          </p>
        ) : null}
        <Group heading="On this page">
          {actions
            .filter(({ label }) => fits(label))
            .map(({ label, run, keys }) => (
              <Item key={label} value={`action ${label}`} icon={Zap} note={keys} onSelect={() => act(run)}>
                {label}
              </Item>
            ))}
        </Group>
        <Group heading="Pages">
          {pages
            .filter(({ label }) => fits(label, 'go to'))
            .map(({ path, label, icon }) => (
              <Item key={path} value={`page ${path}`} icon={icon} onSelect={() => go(path)}>
                {label}
              </Item>
            ))}
        </Group>
        <Group heading="Jobs">
          {isLongEnough(wanted)
            ? jobs.map((job) => (
                <Item
                  key={job.id}
                  value={`job ${job.id}`}
                  icon={ListTree}
                  note={`${STATUS_META[job.status].label} · ${job.id.slice(-8)}`}
                  onSelect={() => go(`/jobs/${job.id}`)}
                >
                  <VisibleText text={job.title} />
                </Item>
              ))
            : null}
          {isLongEnough(wanted) && !problem ? (
            <Item value={ALL_JOBS} icon={Search} onSelect={() => go(path)}>
              Show all jobs with “<VisibleText text={wanted} />”
            </Item>
          ) : null}
          {/* Words are looked for in titles, parameters and errors. So the name of a type is a way of its own. */}
          {isLongEnough(wanted)
            ? types.data
                ?.filter(({ name, displayName }) => fits(name, displayName))
                .slice(0, FOUND)
                .map(({ name, displayName }) => (
                  <Item
                    key={`of ${name}`}
                    value={`jobs of ${name}`}
                    icon={ListTree}
                    note={name}
                    onSelect={() => go(`/jobs?${new URLSearchParams({ type: name })}`)}
                  >
                    Jobs of <VisibleText text={displayName} />
                  </Item>
                ))
            : null}
        </Group>
        <Group heading="Submit">
          {wanted.length > 0 && !whyNotSubmit(viewer)
            ? types.data
                ?.filter(({ name, displayName }) => fits(name, displayName, 'submit'))
                .slice(0, FOUND)
                .map(({ name, displayName }) => (
                  <Item
                    key={name}
                    value={`submit ${name}`}
                    icon={SquarePlus}
                    note={name}
                    onSelect={() => go(`/submit?${new URLSearchParams({ type: name })}`)}
                  >
                    Submit <VisibleText text={displayName} />
                  </Item>
                ))
            : null}
        </Group>
        <Group heading="Do">
          {organization && may(viewer, 'organization.pause') && fits('Pause', organization.name) ? (
            <Item value="pause" icon={PauseCircle} onSelect={() => setPausing(true)}>
              Pause <VisibleText text={organization.name} />…
            </Item>
          ) : null}
          {organization && may(viewer, 'apiKeys.manage') && fits('New API key', organization.name) ? (
            <Item value="new key" icon={KeyRound} onSelect={() => go('/organization?tab=keys&new=key')}>
              New API key…
            </Item>
          ) : null}
          {fits('Show keys and search', 'shortcuts', 'help') ? (
            <Item value="shortcuts" icon={Keyboard} note="?" onSelect={onShortcuts}>
              Show keys and search
            </Item>
          ) : null}
        </Group>
        <Group heading="Organizations">
          {organizations.slice(0, ORGANIZATIONS).map(({ id, name }) => (
            <Item key={id} value={`organization ${id}`} icon={Building2} onSelect={() => act(() => select(id))}>
              Switch to <VisibleText text={name} />
            </Item>
          ))}
          {organizations.length > ORGANIZATIONS ? (
            <p className="px-2 py-1.5 text-sm text-muted">
              {formatCount(organizations.length - ORGANIZATIONS)} more. Type a part of the name.
            </p>
          ) : null}
        </Group>
      </Command.List>
    </Command.Dialog>
  )
}

const NONE: never[] = []
const jobsPath = createSerializer(filterParsers)

/**
 * The newest jobs that match the text, which is read as the search of the jobs page reads it. The search begins when
 * the typing pauses. `problem` is what cannot be read, and `path` leads to all the jobs.
 */
function useJobsFor(wanted: string) {
  const trpc = useTRPC()
  const { organizationId, ready, viewer } = useScope()
  const minute = useStep(60_000)
  const [search, setSearch] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSearch(wanted), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [wanted])
  const { question, problems } = useMemo(() => readSearch(search), [search])
  const filter = toFilter(question, { organizationId, userId: viewer.userId }, isMoving(question) ? minute : 0)
  // The text may also be the name of a page or an action. So it is called wrong only where it is long enough for a
  // search, and where a word with a colon, such as `status:faild`, shows that a search is meant.
  const problem =
    search === wanted && isLongEnough(search) ? problems.find(({ word }) => word.includes(':')) : undefined
  const found = useQuery(
    trpc.jobs.list.queryOptions(
      { ...filter, limit: FOUND },
      { enabled: ready && isLongEnough(search) && problems.length === 0 && isAskable(question, viewer.userId) },
    ),
  )
  return {
    // Jobs that were found for an earlier text are not shown. Otherwise Enter could open one of them.
    jobs: search === wanted && problems.length === 0 ? (found.data?.items ?? NONE) : NONE,
    problem,
    failed: search === wanted && found.error !== null && !found.data,
    path: jobsPath('/jobs', readSearch(wanted).question),
  }
}

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="[&:not(:has([cmdk-item]))]:hidden [&>[cmdk-group-heading]]:px-2 [&>[cmdk-group-heading]]:pt-2 [&>[cmdk-group-heading]]:pb-1 [&>[cmdk-group-heading]]:text-xs [&>[cmdk-group-heading]]:font-medium [&>[cmdk-group-heading]]:text-faint"
  >
    {children}
  </Command.Group>
)

function Item({
  value,
  icon: Icon,
  note,
  onSelect,
  children,
}: {
  value: string
  icon: LucideIcon
  note?: string
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-default items-center gap-2.5 rounded px-2 py-1 text-sm select-none data-[selected=true]:bg-hover pointer-coarse:min-h-11"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note ? <span className="shrink-0 font-mono text-2xs text-faint">{note}</span> : null}
    </Command.Item>
  )
}
