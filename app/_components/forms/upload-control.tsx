'use client'

import { FileUp, X } from 'lucide-react'
import { use, useEffect, useEffectEvent, useRef, useState, type DragEvent } from 'react'
import { Button } from '@/app/_components/button'
import { buttonClass } from '@/app/_components/button-class'
import { cn } from '@/app/_components/cn'
import { Input } from '@/app/_components/field'
import { ProgressBar } from '@/app/_components/progress-bar'
import { useScope } from '@/app/_components/shell/organization'
import { formatBytes } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { browserTransport } from './browser-transport'
import { FormContext, type Aria } from './form-context'
import { NotTaken, sendFile } from './send-file'
import { isUuid } from '@/server/engine/domain/uuid'
import type { Json } from './json'

/** What is known of the file that the field names. */
type State =
  | { kind: 'none' }
  | { kind: 'sending'; name: string; size: number; sent: number; waiting: boolean }
  | { kind: 'there'; name: string | null; size: number }
  | { kind: 'failed'; message: string }

/**
 * Uploads a file and has its id as value: chosen, or dropped here. Where several organizations are shown at once there
 * is none to upload to, and the id of an upload is typed.
 */
export function UploadControl({
  common,
  path,
  value,
  onChange,
  onFile,
}: {
  common: Aria & { 'aria-required': true | undefined }
  path: string
  value: Json | undefined
  onChange: (value: Json | undefined) => void
  onFile?: (file: File) => void
}) {
  const { organizationId } = useScope()
  const { setUnreadable, setUnfinished } = use(FormContext)
  const [state, setState] = useState<State>({ kind: 'none' })
  const [over, setOver] = useState(false)
  const stop = useRef<AbortController | null>(null)
  const input = useRef<HTMLInputElement>(null)
  // An upload takes a while, and the other fields may be filled in meanwhile. So its end asks for the latest function.
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  const tell = useEffectEvent((unfinished: string | null, failure: string | null) => {
    setUnfinished?.(path, unfinished)
    setUnreadable(path, failure)
  })
  const unfinished = state.kind === 'sending' ? 'The file is still on its way.' : null
  const failure = state.kind === 'failed' ? state.message : null
  useEffect(() => {
    tell(unfinished, failure)
    return () => tell(null, null)
  }, [path, unfinished, failure])
  // Whoever leaves the page gives the upload up.
  useEffect(() => () => stop.current?.abort(new Error('left')), [])
  const named = state.kind === 'none' && typeof value === 'string' ? value : null
  // An id that is being typed is looked up once it is whole.
  useKnownUpload(organizationId || (named && isUuid(named)) ? named : null, setState)

  if (!organizationId)
    return (
      <Input
        {...common}
        autoComplete="off"
        placeholder="Id of an upload"
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => {
          // What is known of the file that was named before is not true of another one.
          setState({ kind: 'none' })
          onChange(event.target.value || undefined)
        }}
      />
    )

  const send = async (file: File) => {
    stop.current?.abort(new Error('another file'))
    const own = (stop.current = new AbortController())
    const update = (change: Partial<Extract<State, { kind: 'sending' }>>) => {
      if (!own.signal.aborted) setState((now) => (now.kind === 'sending' ? { ...now, ...change } : now))
    }
    onChange(undefined)
    onFile?.(file)
    setState({ kind: 'sending', name: file.name, size: file.size, sent: 0, waiting: false })
    try {
      const uploadId = await sendFile(
        {
          organizationId,
          file,
          signal: own.signal,
          onProgress: (sent) => update({ sent }),
          onWaiting: (waiting) => update({ waiting }),
        },
        browserTransport,
      )
      setState({ kind: 'there', name: file.name, size: file.size })
      latest.current(uploadId)
    } catch (error) {
      if (own.signal.aborted) return
      setState({ kind: 'failed', message: error instanceof NotTaken ? error.message : 'The file could not be read.' })
    }
  }
  const clear = () => {
    stop.current?.abort(new Error('given up'))
    setState({ kind: 'none' })
    onChange(undefined)
    // The button that was pressed is gone.
    requestAnimationFrame(() => input.current?.focus())
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file) void send(file)
  }

  return (
    <div
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={cn(
        'grid gap-2 rounded border border-dashed p-3 text-sm transition-colors',
        over ? 'border-accent bg-hover' : 'border-line-strong',
      )}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <input
          {...common}
          ref={input}
          type="file"
          className="peer sr-only"
          onChange={(event) => {
            const file = event.target.files?.[0]
            // The same file may be chosen again after it failed.
            event.target.value = ''
            if (file) void send(file)
          }}
        />
        <label
          htmlFor={common.id}
          className={buttonClass(
            'secondary',
            'md',
            'cursor-pointer peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent',
          )}
        >
          <FileUp aria-hidden /> {state.kind === 'none' ? 'Choose a file' : 'Choose another file'}
        </label>
        <UploadState state={state} value={value} />
        {state.kind === 'sending' || state.kind === 'there' ? (
          <Button size="sm" variant="ghost" className="ml-auto" onClick={clear}>
            <X aria-hidden /> {state.kind === 'sending' ? 'Cancel the upload' : 'Remove'}
          </Button>
        ) : null}
      </div>
      {state.kind === 'sending' ? (
        <ProgressBar
          value={Math.floor((100 * state.sent) / Math.max(1, state.size))}
          label={`Upload of ${state.name}`}
          tone={state.waiting ? 'bg-timedout' : undefined}
        />
      ) : null}
      <span role="status" className="sr-only">
        {announcement(state)}
      </span>
    </div>
  )
}

function UploadState({ state, value }: { state: State; value: Json | undefined }) {
  switch (state.kind) {
    case 'none':
      return (
        <span className="min-w-0 text-muted">
          {typeof value === 'string' ? <VisibleText text={`Upload ${value}`} /> : 'or drop it here'}
        </span>
      )
    case 'failed':
      return null
    case 'there':
      return (
        <span className="min-w-0 wrap-anywhere">
          <VisibleText text={state.name ?? 'Uploaded file'} />{' '}
          <span className="text-muted tabular-nums">{formatBytes(state.size)}</span>
        </span>
      )
    case 'sending':
      return (
        <span className="min-w-0 wrap-anywhere">
          <VisibleText text={state.name} />{' '}
          <span className="text-muted tabular-nums">
            {state.waiting
              ? 'The connection is lost. It goes on by itself.'
              : `${formatBytes(state.sent)} of ${formatBytes(state.size)}`}
          </span>
        </span>
      )
  }
}

/** For those who do not see the bar. Not every step is worth hearing. */
function announcement(state: State): string {
  switch (state.kind) {
    case 'sending':
      return state.waiting
        ? 'The connection is lost. The upload goes on by itself.'
        : `${Math.floor((10 * state.sent) / Math.max(1, state.size)) * 10} % of ${state.name} uploaded`
    case 'there':
      return `${state.name ?? 'The file'} is uploaded.`
    default:
      return ''
  }
}

/** Says which file the field names where the form began with the id of an upload, or that the file is gone. */
function useKnownUpload(uploadId: string | null, setState: (state: State) => void) {
  const tell = useEffectEvent(setState)
  useEffect(() => {
    if (!uploadId) return
    const left = new AbortController()
    fetch(`/api/uploads/${encodeURIComponent(uploadId)}`, { signal: left.signal })
      .then(async (answer) => {
        if (answer.ok) {
          const { name, size } = (await answer.json()) as { name: string | null; size: number }
          tell({ kind: 'there', name, size })
        } else if (answer.status === 404) {
          tell({
            kind: 'failed',
            message: 'This upload is gone: uploads that no job needs go after a day. Choose the file again.',
          })
        }
      })
      .catch(() => undefined)
    return () => left.abort()
  }, [uploadId])
}
