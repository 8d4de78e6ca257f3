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
      // The page of a rule that is gone may take this button away before the answer. A promise is told all the same.
      onDelete={(reason, done) => void remove.mutateAsync({ ruleId: rule.id, reason }).then(done, () => undefined)}
      {...rest}
    />
  )
}
