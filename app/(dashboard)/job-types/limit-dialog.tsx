'use client'

import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, noted } from '@/app/_components/field'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'
import { Difference } from './editor/difference'
import { ownProblems, readForm, rebase, toForm, type Form } from './editor/draft'
import { LimitEstimate } from './editor/limit-estimate'
import { settingOf } from './editor/settings'
import { useSaveType } from './use-save-type'

const PATHS = ['concurrency.global', 'concurrency.perOrganization'] as const

/**
 * Changes how many jobs of a type may run at once. It opens wherever the limit is shown, so nobody needs the whole
 * editor. The difference appears while somebody types, so that Enter can save.
 */
export default function LimitDialog({ type, onClose }: { type: JobType; onClose: () => void }) {
  // The job type as it was when the dialog was opened. The page behind the dialog goes on changing.
  const [base, setBase] = useState(type)
  const [form, setForm] = useState<Form>(() => toForm(base))
  const [reason, setReason] = useState('')
  const save = useSaveType({ said: ({ displayName }) => `The limit of ${displayName} is changed`, onSaved: onClose })
  const { config, changes, problems } = readForm(form, base)
  const refusal = refusalOf(save.error)
  const refused = ownProblems(refusal?.fields ?? [])
  const unavailable =
    PATHS.some((path) => problems[path]) || !changes.concurrency
      ? changes.concurrency
        ? 'Some of it cannot be read yet.'
        : 'Nothing is changed yet.'
      : null
  const stale = type.version !== base.version

  return (
    <Dialog
      title={`Limit of ${type.displayName}`}
      text="How many of its jobs run at once. It holds from the moment it is saved, also for jobs that wait already."
      busy={save.isPending}
      onClose={onClose}
    >
      <form
        noValidate
        className="mt-4 grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!unavailable && !stale)
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
                  {...noted(`limit-${path}`, hint, error)}
                  onFocus={(event) => event.target.select()}
                  onChange={(event) => setForm({ ...form, [path]: event.target.value })}
                />
              </Field>
            )
          })}
        </div>
        <LimitEstimate jobType={type.name} concurrency={config.concurrency} />
        <Field id="limit-reason" label="Reason" hint="Optional. It stays with the audit.">
          <Input
            id="limit-reason"
            maxLength={500}
            value={reason}
            {...noted('limit-reason', true, null)}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <div aria-live="polite" className="min-h-5">
          {changes.concurrency ? (
            <Difference before={base} after={{ ...base, concurrency: config.concurrency }} />
          ) : (
            <p className="text-sm text-faint">Nothing is changed yet.</p>
          )}
        </div>
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
        ) : save.error && Object.keys(refused).length === 0 && refusal?.reason !== 'CHANGED_MEANWHILE' ? (
          <DialogError>{messageOf(save.error)}</DialogError>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep as it is</Button>
          <Button
            type="submit"
            variant="primary"
            busy={save.isPending}
            unavailable={unavailable ?? (stale ? 'Somebody else has saved meanwhile.' : null)}
          >
            Save limit
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
