'use client'

import { useState } from 'react'
import { Choices } from '@/app/_components/choices'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { VisibleText } from '@/app/_components/visible-text'
import { refusalOf, type UndecidedKey } from '@/app/_trpc/refusal'
import type { OrgRole } from './roles'
import { UsedAt } from './used-at'

/** The server lists at most this many keys in a refusal. */
const LISTED = 100

interface Decision {
  keys?: 'keep' | 'revoke'
  waitingJobs?: 'cancel' | 'transfer'
}

/** The keys that the server named when a call asked for one new role, and what was answered about them. */
interface Asked {
  /** The new role. Null where the member is removed. */
  to: OrgRole | null
  listed: UndecidedKey[]
  decision: Decision
}

/**
 * Asks what happens to the keys of a member who leaves, or whose role is lowered. It asks only after the server has
 * named keys, so that nobody is asked without need.
 *
 * @param to the role that is chosen now. Null where the member is removed
 */
export function useKeyDecision(name: string, to: OrgRole | null) {
  const [asked, setAsked] = useState<Asked | null>(null)
  // For another role the server may name other keys. Nobody has decided about those, so the answer is forgotten.
  const present = asked?.to === to ? asked : null
  if (asked && !present) setAsked(null)
  return {
    /** The answers, to be sent with the call. */
    decision: present?.decision ?? {},
    /** Why the dialog cannot be confirmed yet. */
    unavailable: present && !present.decision.keys ? 'Choose first what becomes of the keys.' : null,
    /**
     * Takes the keys from a refusal, if it was about keys.
     * @param sentRole the role that the refused call asked for
     */
    ask: (error: unknown, sentRole: OrgRole | null) => {
      const listed = refusalOf(error)?.keys
      if (listed) setAsked({ to: sentRole, listed, decision: {} })
    },
    question: present ? (
      <Question {...{ name, ...present }} onChange={(decision) => setAsked({ ...present, decision })} />
    ) : null,
  }
}

function Question({
  name,
  to,
  listed,
  decision,
  onChange,
}: Asked & {
  name: string
  onChange: (decision: Decision) => void
}) {
  const many = listed.length >= LISTED ? `${LISTED} or more live API keys` : `${listed.length} live API keys`
  return (
    <>
      <div role="alert" className="rounded bg-warning-soft px-3 py-2 text-sm text-warning">
        <VisibleText text={name} /> made {listed.length === 1 ? 'a live API key' : many} of this organization
        {to ? ` with a role above ${ROLE_LABEL[to]}` : ''}. Whoever has copied {listed.length === 1 ? 'it' : 'them'}{' '}
        still gets in.
      </div>
      <ul
        aria-label="Live API keys"
        tabIndex={0}
        className="max-h-40 divide-y divide-line overflow-y-auto rounded border border-line text-sm"
      >
        {listed.map((key) => (
          <li key={key.id} className="px-3 py-1.5">
            <span className="font-medium wrap-anywhere">
              <VisibleText text={key.name} />
            </span>{' '}
            <code className="font-mono text-xs text-faint">{key.prefix}…</code>
            <span className="block text-xs text-muted">
              {key.role in ROLE_LABEL ? ROLE_LABEL[key.role as keyof typeof ROLE_LABEL] : key.role} ·{' '}
              {key.lastUsedAt ? (
                <>
                  last used <UsedAt at={key.lastUsedAt} />
                </>
              ) : (
                'never used'
              )}
            </span>
          </li>
        ))}
      </ul>
      <Choices
        legend={listed.length === 1 ? 'What becomes of the key?' : 'What becomes of the keys?'}
        value={decision.keys ?? null}
        onChange={(keys) =>
          onChange(keys === 'keep' ? { keys } : { keys, waitingJobs: decision.waitingJobs ?? 'cancel' })
        }
        options={[
          { value: 'keep', label: 'Keep', note: 'Services that use it go on.' },
          { value: 'revoke', label: 'Revoke', note: 'Refused from the next call on, for good.' },
        ]}
      />
      {decision.keys === 'revoke' ? (
        <Choices
          legend={`What becomes of waiting jobs of ${listed.length === 1 ? 'this key' : 'these keys'}, if there are any?`}
          value={decision.waitingJobs ?? null}
          onChange={(waitingJobs) => onChange({ ...decision, waitingJobs })}
          options={WAITING_JOBS_CHOICES}
        />
      ) : null}
    </>
  )
}

/** What can happen to the waiting jobs of a key that is revoked. */
export const WAITING_JOBS_CHOICES = [
  { value: 'cancel', label: 'Cancel them', note: 'They end as canceled, by you.' },
  { value: 'transfer', label: 'Take them over', note: 'They become yours and run as they would have.' },
] as const
