'use client'

import { useState, type FormEvent } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'
import { useSaveType } from '../use-save-type'
import { ChangedMeanwhile } from './changed-meanwhile'
import { Difference } from './difference'
import { problemsFromServer, readForm, rebase, sameForm, toForm, type FormTexts } from './draft'
import { AboutCard, LimitCards, type Editing } from './editor-fields'
import { SaveBar } from './save-bar'
import { SchemaCard } from './schema-card'
import { differenceOf, settingOf, type SettingPath } from './settings'
import { TitleCard } from './title-card'
import { useLeaveWarning } from '@/app/_components/forms/use-leave-warning'

interface Draft {
  /** The version that the person began to edit. */
  base: JobType
  form: FormTexts
  /** The settings that both people have changed, after the other person's version was taken over. */
  clashes: SettingPath[]
}

/** Edits every setting of a job type. Nothing is saved before the person who edits has seen the difference and confirmed it. */
export default function Editor({
  type,
  handlers,
  pools,
}: {
  type: JobType
  handlers: readonly string[]
  pools: readonly string[]
}) {
  // There is a draft only while there are edits. Without one, the form shows what somebody else saves.
  const [draft, setDraft] = useState<Draft | null>(null)
  const [reviewing, setReviewing] = useState(false)
  const base = draft?.base ?? type
  const form = draft?.form ?? toForm(type)
  const read = readForm(form, base)
  const save = useSaveType({
    said: ({ displayName }) => `${displayName} is changed`,
    onSaved: () => {
      setReviewing(false)
      setDraft(null)
    },
  })
  const refusal = refusalOf(save.error)
  const problems = { ...problemsFromServer(refusal?.fields ?? []), ...read.problems }
  useLeaveWarning(draft !== null)

  const onChange = (change: Partial<FormTexts>) => {
    if (save.error) save.reset()
    const next = { ...form, ...change }
    setDraft(sameForm(next, toForm(base)) && base.version === type.version ? null : { base, form: next, clashes: [] })
  }
  const takeOver = () => {
    if (!draft) return
    save.reset()
    const { form: rebased, clashes } = rebase(draft.form, draft.base, type)
    const { changes, problems } = readForm(rebased, type)
    // The other person may have saved the same, written in another way.
    const changesNothing = Object.keys({ ...changes, ...problems }).length === 0
    setDraft(changesNothing ? null : { base: type, form: rebased, clashes })
  }
  const editing: Editing = { form, onChange, problems, config: read.config, handlers, pools }
  const difference = differenceOf(base, read.config)
  // Somebody else has saved a version since this person began to edit.
  const stale = draft !== null && type.version !== base.version
  const problemCount = Object.keys(problems).length

  return (
    <form
      noValidate
      aria-label="Settings"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!draft || stale || (problemCount === 0 && difference.length === 0)) return
        if (problemCount === 0) return setReviewing(true)
        event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true], [data-problems]')?.focus()
      }}
    >
      {stale ? (
        <ChangedMeanwhile base={base} present={type} onTakeOver={takeOver} onDiscard={() => setDraft(null)} />
      ) : null}
      {draft && draft.clashes.length > 0 ? <Clashes draft={draft} present={type} /> : null}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <AboutCard editing={editing} />
          <TitleCard editing={editing} name={type.name} />
        </div>
        <div className="grid min-w-0 gap-4">
          <LimitCards editing={editing} />
        </div>
        <div className="min-w-0 xl:col-span-2">
          <SchemaCard editing={editing} />
        </div>
      </div>
      {draft ? (
        <SaveBar
          changed={difference.length}
          problems={problemCount}
          unavailable={
            stale
              ? 'Somebody else has saved meanwhile: take that over first.'
              : problemCount === 0 && difference.length === 0
                ? 'Nothing is changed.'
                : null
          }
          notice={
            stale ? (
              <a href="#changed-meanwhile" className="rounded font-medium text-warning underline underline-offset-4">
                Somebody else has saved version {type.version} meanwhile.
              </a>
            ) : null
          }
          review="Review changes"
          onDiscard={() => {
            save.reset()
            setDraft(null)
          }}
        />
      ) : null}
      {reviewing && draft ? (
        <ConfirmDialog
          wide
          title={`Save version ${base.version + 1} of ${base.displayName}?`}
          text={
            difference.every(({ setting }) => setting.atOnce)
              ? 'This holds from the moment it is saved, also for jobs that wait already.'
              : 'Jobs that are submitted from now on go by it. Those that wait keep the version that they came with, but for the limits of what runs at once, the needed role, and whether it takes jobs.'
          }
          confirm="Save"
          dismiss="Edit on"
          hint="The reason is kept in the audit."
          busy={save.isPending}
          unavailable={stale ? 'Somebody else has saved meanwhile. Close this and take that over first.' : null}
          error={save.error ? messageOf(save.error) : null}
          onConfirm={(reason) =>
            save.mutate({
              name: base.name,
              changes: read.changes,
              ifVersion: base.version,
              ...(reason ? { reason } : {}),
            })
          }
          onClose={() => setReviewing(false)}
        >
          <Difference before={base} after={read.config} />
        </ConfirmDialog>
      ) : null}
    </form>
  )
}

/**
 * The settings that both people have changed. The form has the values of the person who edits. The other person's values
 * are named here, so that nobody overwrites them without knowing.
 */
function Clashes({ draft, present }: { draft: Draft; present: JobType }) {
  // The two fields of the rate limit are one setting in words.
  const paths = draft.clashes.map((path) => (path === 'rateLimit.windowSeconds' ? 'rateLimit.count' : path))
  return (
    <div role="status" className="mb-4 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning">
      Both of you have changed{' '}
      {[...new Set(paths)]
        .map(settingOf)
        .map(({ label, said }) => `${label} (now ${shortText(said(present))})`)
        .join(', ')}
      . Yours stands in the form.
    </div>
  )
}
/** A schema or a long description would not fit into the sentence. */
const shortText = (text: string) => (text.length > 60 ? 'another text' : text)
