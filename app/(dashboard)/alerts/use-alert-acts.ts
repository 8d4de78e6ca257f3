'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { AlertRule } from '@/app/_trpc/types'

/** What can be done with a rule without opening its form. Whatever shows rules is read again afterwards. */
export function useAlertActs(rule: Pick<AlertRule, 'id' | 'name'>) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const readAgain = () => queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() })
  const onError = (error: unknown) => notify.error(messageOf(error))
  const test = useMutation(
    trpc.alerts.test.mutationOptions({
      onSuccess: () => {
        void readAgain()
        notify.success(`A test message of ${rule.name} is on its way`)
      },
      onError,
    }),
  )
  // `update` stays busy until the list shows what it did. `remove` does not: the page of the rule is left at once.
  const update = useMutation(trpc.alerts.update.mutationOptions({ onSuccess: readAgain, onError }))
  const remove = useMutation(trpc.alerts.delete.mutationOptions({ onSuccess: () => void readAgain() }))
  return {
    test: () => test.mutate({ ruleId: rule.id }),
    testing: test.isPending,
    setEnabled: (enabled: boolean) => update.mutate({ ruleId: rule.id, changes: { enabled } }),
    switching: update.isPending,
    /** The whole mutation, because the dialog that asks first shows its error. */
    remove,
  }
}
