'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { notify } from '@/app/_components/notify'
import { Page } from '@/app/_components/page/page'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import type { AlertRule } from '@/app/_trpc/types'
import { useFirstAnswer, WHEN_OPENED } from '@/app/_trpc/use-first-answer'
import { draftOf } from '../../editor/draft'

const Loading = () => <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />
const RuleForm = dynamic(() => import('../../editor/rule-form'), { ssr: false, loading: Loading })

/** Changes a rule. */
export function EditRulePage({ ruleId }: { ruleId: string }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.alerts.get.queryOptions({ ruleId }, WHEN_OPENED))
  const rule = useFirstAnswer(query)
  return (
    <Page
      back={{ path: `/alerts/${ruleId}`, label: query.data?.name ?? 'Alert rule' }}
      title={query.data ? `Change ${query.data.name}` : 'Change an alert rule'}
      error={rule ? null : query.error}
      onRetry={() => void query.refetch()}
    >
      {rule ? <Edit rule={rule} /> : <Loading />}
    </Page>
  )
}

function Edit({ rule }: { rule: AlertRule }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const update = useMutation(
    trpc.alerts.update.mutationOptions({
      onSuccess: (changed) => {
        void queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() })
        notify.success(`${changed.name} was changed`)
        router.push(href(`/alerts/${changed.id}`))
      },
    }),
  )
  return (
    <RuleForm
      owner={rule.organizationId}
      initial={draftOf(rule)}
      submit="Save"
      busy={update.isPending || update.isSuccess}
      error={update.error}
      onSubmit={(changes) => update.mutate({ ruleId: rule.id, changes })}
    />
  )
}
