'use client'

import { ChevronRight, ListFilter } from 'lucide-react'
import Link from './link'
import { createContext, use, useState, type ReactNode } from 'react'
import { cn } from './cn'
import { pathOf } from '@/server/engine/domain/parameter-path'
import { cutText, visible } from '@/server/engine/domain/visible'
import { VisibleText } from './visible-text'

/** How many members of a list or an object are shown at first. Each press shows five times as many more. */
const PAGE = 100
/** How many characters of a text are shown at first. */
const LONG = 400
/** A list or an object on the second level is open from the start only if it has at most this many members. */
const SECOND_LEVEL = 50
/** On the third level it is open from the start only if it has at most this many. */
const THIRD_LEVEL = 8

/**
 * Shows JSON for reading. Colours tell the kinds of values. Levels below the third are folded, and a long list or
 * object sooner. Long lists and texts come in portions.
 */
export function JsonViewer({ value, label, linkOf }: { value: unknown; label: string; linkOf?: LinkOf }) {
  return (
    <Links value={linkOf}>
      <div role="group" aria-label={label} className="overflow-x-auto font-mono text-xs/6" tabIndex={0}>
        <div className="min-w-max pr-2 sm:min-w-0">
          <Node value={value} path={[]} depth={0} />
        </div>
      </div>
    </Links>
  )
}

/** The address of the jobs that have the same value at the same place. Null where a value leads nowhere. */
export type LinkOf = (path: readonly string[], value: unknown) => string | null
const Links = createContext<LinkOf | undefined>(undefined)

interface NodeProps {
  value: unknown
  /** The keys and indexes that lead from the whole value to this one. */
  path: readonly string[]
  name?: string
  depth: number
  comma?: boolean
}

function Node({ value, path, name, depth, comma = false }: NodeProps) {
  const key =
    name === undefined ? null : (
      <>
        <span className="text-muted">
          <VisibleText text={name} />
        </span>
        <span className="text-faint">: </span>
      </>
    )
  if (typeof value === 'object' && value !== null)
    return <Branch value={value} path={path} label={key} depth={depth} comma={comma} />
  return (
    <div className={cn('group/value', depth > 0 && 'pl-4')}>
      {key}
      <Leaf value={value} />
      {comma ? <span className="text-faint">,</span> : null}
      <SameValue path={path} value={value} />
    </div>
  )
}

/**
 * A link to all jobs with this value. It appears where the pointer or the focus is. On a touch screen it is always
 * visible.
 */
function SameValue({ path, value }: Pick<NodeProps, 'path' | 'value'>) {
  const href = use(Links)?.(path, value)
  if (!href) return null
  return (
    <Link
      href={href}
      prefetch={false}
      aria-label={`Filter jobs by ${visible(pathOf(path))}`}
      title="Show the jobs with this value"
      className="ml-1 inline-grid size-5 place-items-center rounded-sm align-text-bottom text-faint opacity-0 group-hover/value:opacity-100 hover:bg-hover hover:text-ink focus-visible:opacity-100 pointer-coarse:opacity-100"
    >
      <ListFilter aria-hidden className="size-3.5" />
    </Link>
  )
}

interface BranchProps extends Pick<NodeProps, 'path' | 'depth'> {
  value: object
  label: ReactNode
  comma: boolean
}

/** A list or an object, which can be folded. */
function Branch({ value, path, label, depth, comma }: BranchProps) {
  const list = Array.isArray(value)
  const entries = Object.entries(value)
  const [open, setOpen] = useState(
    depth < 3 && (depth === 0 || entries.length <= (depth === 1 ? SECOND_LEVEL : THIRD_LEVEL)),
  )
  const [shown, setShown] = useState(PAGE)
  const [left, right] = list ? ['[', ']'] : ['{', '}']
  const tail = comma ? <span className="text-faint">,</span> : null

  if (entries.length === 0) {
    return (
      <div className={depth > 0 ? 'pl-4' : undefined}>
        {label}
        <span className="text-faint">
          {left}
          {right}
        </span>
        {tail}
      </div>
    )
  }
  return (
    <div className={depth > 0 ? 'pl-4' : undefined}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={cn(
          '-ml-4 flex h-6 w-fit min-w-6 items-center rounded-sm pr-1 text-left hover:bg-hover',
          depth === 0 && 'ml-0',
        )}
      >
        <ChevronRight aria-hidden className={cn('size-4 p-0.5 text-faint transition-transform', open && 'rotate-90')} />
        <span>
          {label}
          <span className="text-faint">
            {left}
            {open
              ? ''
              : ` ${entries.length} ${list ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'field' : 'fields'} ${right}`}
          </span>
          {open ? null : tail}
        </span>
      </button>
      {open ? (
        <>
          <div className={cn('border-l border-line', depth === 0 ? 'ml-2' : '-ml-2 pl-2')}>
            {entries.slice(0, shown).map(([name, child], i) => (
              <Node
                key={name}
                name={list ? undefined : name}
                path={[...path, name]}
                value={child}
                depth={depth + 1}
                comma={i < entries.length - 1}
              />
            ))}
            {entries.length > shown ? (
              <button
                type="button"
                className="ml-4 rounded-sm px-1 text-accent hover:bg-hover"
                onClick={() => setShown(shown + PAGE * 5)}
              >
                {(entries.length - shown).toLocaleString('en')} more
              </button>
            ) : null}
          </div>
          <div className={cn('text-faint', depth === 0 && 'pl-1')}>
            {right}
            {tail}
          </div>
        </>
      ) : null}
    </div>
  )
}

function Leaf({ value }: { value: unknown }) {
  const [open, setOpen] = useState(false)
  if (typeof value === 'string') {
    const text = JSON.stringify(value)
    const long = text.length > LONG && !open
    return (
      <span className="wrap-anywhere whitespace-pre-wrap text-completed">
        <VisibleText text={long ? cutText(text, LONG) : text} />
        {long ? (
          <button type="button" className="rounded-sm px-1 text-accent hover:bg-hover" onClick={() => setOpen(true)}>
            … {(text.length - LONG).toLocaleString('en')} more
          </button>
        ) : null}
      </span>
    )
  }
  if (typeof value === 'number') return <span className="text-running">{String(value)}</span>
  if (typeof value === 'boolean') return <span className="text-queued">{String(value)}</span>
  return <span className="text-faint">null</span>
}
