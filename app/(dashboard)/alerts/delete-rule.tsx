'use client'

import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { Button } from '@/app/_components/button'
import { messageOf } from '@/app/_trpc/refusal'
import type { AlertRule } from '@/app/_trpc/types'
import { useAlertActs } from './use-alert-acts'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

/** Deletes a rule after asking. */
export function DeleteRule({ rule, onDone, children }: { rule: AlertRule; onDone?: () => void; children: ReactNode }) {
  const [asking, setAsking] = useState(false)
  const { remove } = useAlertActs(rule)
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)} title="Delete" aria-label={`Delete ${rule.name}`}>
        {children}
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Delete ${rule.name}?`}
          text="Nobody is told by it any more, and its history goes with it. To stop it for a while, switch it off instead."
          confirm="Delete rule"
          danger
          hint="It is kept in the audit."
          busy={remove.isPending}
          error={remove.error ? messageOf(remove.error) : null}
          onConfirm={(reason) =>
            remove.mutate(
              { ruleId: rule.id, reason },
              {
                onSuccess: () => {
                  setAsking(false)
                  onDone?.()
                },
              },
            )
          }
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
