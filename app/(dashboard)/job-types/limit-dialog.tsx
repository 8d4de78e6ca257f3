'use client'

import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { messageOf, refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'
import { Difference } from './editor/difference'
import { problemsFromServer, readForm, rebase, settingPathOf, toForm, type FormTexts } from './editor/draft'
import { LimitEstimate } from './editor/limit-estimate'
import { settingOf } from './editor/settings'
import { useAsk } from '@/app/_components/requests/use-ask'
import { useSaveType } from './use-save-type'

const PATHS = ['concurrency.global', 'concurrency.perOrganization'] as const

/**
 * Changes how many jobs of a type run at once, or asks for it: from wherever the limit is shown, without the whole
 * editor. The difference stands below while it is typed, so that Enter can save it.
 */
export default function LimitDialog({
  type,
  asks,
  onClose,
}: {
  type: JobType
  /** The organization for which this person asks for another limit. Left out where the person may change it at once. */
  asks?: string
  onClose: () => void
}) {
  // The job type as it was when the dialog was opened. `type` follows what others save meanwhile.
  const [base, setBase] = useState(type)
  const [form, setForm] = useState<FormTexts>(() => toForm(base))
  const [reason, setReason] = useState('')
  const save = useSaveType({ said: ({ displayName }) => `The limit of ${displayName} is changed`, onSaved: onClose })
  const { config, changes, problems } = readForm(form, base)
  const refusal = refusalOf(save.error)
  const refused = problemsFromServer(refusal?.fields ?? [])
  const elsewhere = refusedElsewhere(save.error, (path) => PATHS.some((own) => settingPathOf(path) === own))
  const unavailable = PATHS.some((path) => problems[path])
    ? 'Some of it cannot be saved yet.'
    : changes.concurrency
      ? null
      : 'Nothing is changed yet.'
  const stale = type.version !== base.version
  const ask = useAsk(onClose)
  const sending = asks ? ask : save
  const why = asks && reason.trim() === '' ? 'Say why first.' : null

  return (
    <Dialog
      title={asks ? `Ask for another limit of ${type.displayName}?` : `Limit of ${type.displayName}`}
      text={
        asks
          ? 'How many of its jobs run at once. System admins change it: they see what you ask for, and decide.'
          : 'How many of its jobs run at once. It holds from the moment it is saved, also for jobs that wait already.'
      }
      busy={sending.isPending}
      onClose={onClose}
    >
      <form
        noValidate
        className="mt-4 grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (unavailable || stale || why) return
          if (asks)
            ask.mutate({
              kind: 'CHANGE_LIMIT',
              organizationId: asks,
              jobType: type.name,
              limits: changes.concurrency ?? {},
              reason: reason.trim(),
            })
          else
            save.mutate({
              name: type.name,
              changes: { concurrency: changes.concurrency },
              ifVersion: base.version,
              ...(reason.trim() ? { reason: reason.trim() } : {}),
            })
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {PATHS.map((path, at) => {
            const { label, hint } = settingOf(path)
            const problem = problems[path] ?? refused[path]
            const error = problem ? `It ${problem}.` : null
            return (
              <Field key={path} id={`limit-${path}`} label={label} hint={hint} error={error}>
                <Input
                  id={`limit-${path}`}
                  inputMode="numeric"
                  autoComplete="off"
                  autoFocus={at === 0}
                  placeholder="no limit"
                  value={form[path]}
                  {...describedByNote(`limit-${path}`, hint, error)}
                  onFocus={(event) => event.target.select()}
                  onChange={(event) => setForm({ ...form, [path]: event.target.value })}
                />
              </Field>
            )
          })}
        </div>
        <LimitEstimate jobType={type.name} concurrency={config.concurrency} />
        <Field
          id="limit-reason"
          label="Reason"
          required={asks !== undefined}
          hint={
            asks
              ? 'Whoever decides reads the reason, and it is kept in the audit.'
              : 'Optional. The reason is kept in the audit.'
          }
        >
          <Input
            id="limit-reason"
            maxLength={500}
            value={reason}
            {...describedByNote('limit-reason', true, null)}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <div aria-live="polite" className="min-h-5">
          {changes.concurrency ? (
            <Difference before={base} after={{ ...base, concurrency: config.concurrency }} />
          ) : (
            <p className="text-sm text-faint">{unavailable}</p>
          )}
        </div>
        {/* After a refusal with CHANGED_MEANWHILE the type is read again, and the message for `stale` stands here. */}
        {stale ? (
          <DialogError>
            Somebody else has saved version {type.version} meanwhile. Its limits are {settingOf(PATHS[0]).said(type)}{' '}
            over all organizations and {settingOf(PATHS[1]).said(type)} in each.{' '}
            <button
              type="button"
              className="rounded font-medium underline"
              onClick={() => {
                setForm(rebase(form, base, type).form)
                setBase(type)
                save.reset()
              }}
            >
              Change these instead
            </button>
          </DialogError>
        ) : ask.error ? (
          <DialogError>{messageOf(ask.error)}</DialogError>
        ) : elsewhere && refusal?.reason !== 'CHANGED_MEANWHILE' ? (
          <DialogError>{elsewhere}</DialogError>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep as it is</Button>
          <Button
            type="submit"
            variant="primary"
            busy={sending.isPending}
            unavailable={unavailable ?? (stale ? 'Somebody else has saved meanwhile.' : why)}
          >
            {asks ? 'Ask for it' : 'Save limit'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
