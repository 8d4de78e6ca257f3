import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { Field, Input, describedByNote, Select, Textarea } from '@/app/_components/field'
import type { Problems } from '@/app/_components/forms/check-parameters'
import { PRIORITIES, PRIORITY_LABEL } from '@/app/_components/job-status'
import { JOB_TYPE_DEFAULTS, type JobTypeConfig } from '@/server/engine/domain/job-type-config'
import { BLANK, type FormTexts, type NumberSetting } from './draft'
import { LimitEstimate } from './limit-estimate'
import { ROLE_LABEL, settingOf, type SettingPath } from './settings'

// The cards of the form in which an administrator edits a job type.

export interface Editing {
  form: FormTexts
  onChange: (change: Partial<FormTexts>) => void
  problems: Problems
  config: JobTypeConfig
  /** Handlers that job types use. They are offered, so that nobody needs to know the code. */
  handlers: readonly string[]
  /** Worker pools that job types use. They are offered as choices. */
  pools: readonly string[]
}

/** The id of the control of a setting. */
export const idOf = (path: SettingPath) => `setting-${path}`
/**
 * A problem as a sentence. Most problems are the end of one, such as "must be a whole number". Others are whole
 * sentences.
 */
export const sentence = (problem: string | undefined) =>
  problem === undefined ? null : /^[A-Z]/.test(problem) ? problem : `It ${problem}.`

/** The names, the handler and the role that may submit. */
export function AboutCard({ editing }: { editing: Editing }) {
  const { form, onChange } = editing
  return (
    <Card id="about" title="What it is">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <TextSetting path="displayName" editing={editing} />
        <Setting path="handler" editing={editing}>
          {(control) => (
            <>
              <Input
                {...control}
                list="known-handlers"
                autoComplete="off"
                spellCheck={false}
                className="font-mono"
                value={form.handler}
                onChange={(event) => onChange({ handler: event.target.value })}
              />
              <datalist id="known-handlers">
                {editing.handlers.map((key) => (
                  <option key={key} value={key} />
                ))}
              </datalist>
            </>
          )}
        </Setting>
        <Setting path="pool" editing={editing}>
          {(control) => (
            <>
              <Input
                {...control}
                list="known-pools"
                autoComplete="off"
                spellCheck={false}
                className="font-mono"
                placeholder={JOB_TYPE_DEFAULTS.pool}
                value={form.pool}
                onChange={(event) => onChange({ pool: event.target.value })}
              />
              <datalist id="known-pools">
                {editing.pools.map((pool) => (
                  <option key={pool} value={pool} />
                ))}
              </datalist>
            </>
          )}
        </Setting>
        <Setting path="description" editing={editing} className="sm:col-span-2">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={form.description}
              onChange={(event) => onChange({ description: event.target.value })}
            />
          )}
        </Setting>
        <Setting path="requiredRole" editing={editing}>
          {(control) => (
            <Select
              {...control}
              value={form.requiredRole}
              onChange={(event) => onChange({ requiredRole: event.target.value })}
            >
              {Object.entries(ROLE_LABEL).map(([role, label]) => (
                <option key={role} value={role}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Setting>
        <Setting path="priority" editing={editing}>
          {(control) => (
            <Select {...control} value={form.priority} onChange={(event) => onChange({ priority: event.target.value })}>
              {PRIORITIES.map((priority) => (
                <option key={priority} value={priority}>
                  {PRIORITY_LABEL[priority]}
                </option>
              ))}
            </Select>
          )}
        </Setting>
        <label className="flex items-start gap-2.5 text-sm sm:col-span-2">
          <input
            id={idOf('enabled')}
            type="checkbox"
            className="mt-0.5 size-4 accent-(--accent)"
            checked={form.enabled}
            onChange={(event) => onChange({ enabled: event.target.checked })}
          />
          <span>
            <span className="font-medium">{settingOf('enabled').label}</span>
            <span className="block text-xs text-faint">
              Without it submissions are refused, and jobs that wait stay waiting.
            </span>
          </span>
        </label>
      </div>
    </Card>
  )
}

/** How many jobs may run and come in, how long an attempt may take, and how often it is tried. */
export function LimitCards({ editing }: { editing: Editing }) {
  const { config } = editing
  return (
    <>
      <Card id="limits" title="Limits" note="The first two hold at once, also for jobs that wait">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <TextSetting path="concurrency.global" editing={editing} placeholder="no limit" numeric />
          <TextSetting path="concurrency.perOrganization" editing={editing} placeholder="no limit" numeric />
          <div className="empty:hidden sm:col-span-2">
            <LimitEstimate jobType={config.name} concurrency={config.concurrency} />
          </div>
          <TextSetting path="rateLimit.count" editing={editing} placeholder="no limit" numeric />
          <TextSetting path="rateLimit.windowSeconds" editing={editing} placeholder="such as 60" numeric />
        </div>
      </Card>
      <Card id="attempts" title="Attempts and keeping">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <NumberField path="timeoutSeconds" editing={editing} />
          <NumberField path="maxRetries" editing={editing} />
          <NumberField path="backoffBaseSeconds" editing={editing} />
          <NumberField path="backoffCapSeconds" editing={editing} />
          <NumberField path="dedupeWindowSeconds" editing={editing} />
          <NumberField path="retentionDays" editing={editing} />
        </div>
      </Card>
    </>
  )
}

type Control = ReturnType<typeof describedByNote> & { id: string }

/** The label of a setting, its control, and a line below. The line has the problem, or the default and the purpose. */
export function Setting({
  path,
  editing: { problems },
  label,
  hint,
  className,
  children,
}: {
  path: SettingPath
  editing: Editing
  /** A shorter label, where the title of the card tells the rest. */
  label?: string
  hint?: string
  className?: string
  children: (control: Control) => ReactNode
}) {
  const setting = settingOf(path)
  const note = hint ?? setting.hint
  const error = sentence(problems[path])
  const id = idOf(path)
  return (
    <Field
      id={id}
      label={label ?? (setting.unit ? `${setting.label}, ${setting.unit}` : setting.label)}
      required={setting.required}
      hint={note}
      error={error}
      className={className}
    >
      {children({ id, ...describedByNote(id, note, error) })}
    </Field>
  )
}

function TextSetting({
  path,
  editing,
  placeholder,
  hint,
  numeric,
}: {
  path: Exclude<SettingPath, 'enabled'>
  editing: Editing
  placeholder?: string
  hint?: string
  numeric?: boolean
}) {
  return (
    <Setting path={path} editing={editing} hint={hint}>
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          inputMode={numeric ? 'numeric' : undefined}
          className={numeric ? 'tabular-nums' : undefined}
          placeholder={placeholder}
          value={editing.form[path]}
          onChange={(event) => editing.onChange({ [path]: event.target.value })}
        />
      )}
    </Setting>
  )
}

/** A number with a default. The default is the placeholder of the empty field, and the line below names it. */
function NumberField({ path, editing }: { path: NumberSetting; editing: Editing }) {
  const setting = settingOf(path)
  const standard = `Default ${setting.said(BLANK)}.`
  return (
    <TextSetting
      path={path}
      editing={editing}
      numeric
      placeholder={String(JOB_TYPE_DEFAULTS[path])}
      hint={setting.hint ? `${standard} ${setting.hint}` : standard}
    />
  )
}
