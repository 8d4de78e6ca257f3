'use client'

import type { ReactNode } from 'react'
import { DeleteButton } from '@/app/_components/delete-button'
import type { AlertRule } from '@/app/_trpc/types'
import { useAlertActs } from './use-alert-acts'

/** Deletes a rule after asking. */
export function DeleteRule({ rule, ...rest }: { rule: AlertRule; onDone?: () => void; children: ReactNode }) {
  const { remove } = useAlertActs(rule)
  return (
    <DeleteButton
      name={rule.name}
      kind="rule"
      text="The rule tells nobody any more, and its history is deleted too. To stop it for a while, switch it off instead."
      busy={remove.isPending}
      error={remove.error}
      // Once the rule is gone, its page may remove this button. Callbacks given to `mutate` are then not called. The
      // promise of `mutateAsync` still resolves. An error is shown through `error`, so it is ignored here.
      onDelete={(reason, done) => void remove.mutateAsync({ ruleId: rule.id, reason }).then(done, () => undefined)}
      {...rest}
    />
  )
}
