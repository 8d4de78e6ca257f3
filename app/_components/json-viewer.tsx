'use client'

import { ChevronRight } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { cn } from './cn'
import { cutText } from '@/server/engine/domain/visible'
import { VisibleText } from './visible-text'

const PAGE = 100
const LONG = 400
/** The most members of a branch of the third level that is open from the start. */
const SHORT = 8

/** JSON to read: colours by kind, folded below the third level (a long branch sooner), long lists and strings in portions. */
export function JsonViewer({ value, label }: { value: unknown; label: string }) {
  return (
    <div role="group" aria-label={label} className="overflow-x-auto font-mono text-xs/6" tabIndex={0}>
      <div className="min-w-max pr-2 sm:min-w-0">
        <Node value={value} depth={0} />
      </div>
    </div>
  )
}

interface NodeProps {
  value: unknown
  name?: string
  depth: number
  comma?: boolean
}

function Node({ value, name, depth, comma = false }: NodeProps) {
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
    return <Branch value={value} label={key} depth={depth} comma={comma} />
  return (
    <div className={depth > 0 ? 'pl-4' : undefined}>
      {key}
      <Leaf value={value} />
      {comma ? <span className="text-faint">,</span> : null}
    </div>
  )
}

function Branch({ value, label, depth, comma }: { value: object; label: ReactNode; depth: number; comma: boolean }) {
  const list = Array.isArray(value)
  const entries = Object.entries(value)
  const [open, setOpen] = useState(depth < 3 && (depth === 0 || entries.length <= (depth === 1 ? 50 : SHORT)))
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
