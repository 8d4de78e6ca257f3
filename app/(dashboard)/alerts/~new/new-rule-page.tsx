'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { notify } from '@/app/_components/notify'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { mayManage, ownerOf } from '../alert-words'
import { blank } from '../editor/draft'

const Loading = () => <span aria-label="Loading the form" className="skeleton block h-96 rounded-lg" />
const RuleForm = dynamic(() => import('../editor/rule-form'), { ssr: false, loading: Loading })

/** Makes a rule of the organization, or of the platform where a system admin looks at all organizations. */
export function NewRulePage() {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const scope = useScope()
  const { ready, me, href, organizationId } = scope
  const owner = ownerOf(scope)
  const create = useMutation(
    trpc.alerts.create.mutationOptions({
      onSuccess: (made) => {
        void queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() })
        notify.success(`${made.name} is looked at from now on`)
        router.push(href(`/alerts/${made.id}`))
      },
    }),
  )
  return (
    <Page
      back={{ path: '/alerts', label: 'Alerts' }}
      title={owner === null ? 'New alert rule of the platform' : 'New alert rule'}
    >
      {!me || !ready ? (
        <Loading />
      ) : owner === undefined || !mayManage(scope) ? (
        <EmptyState
          icon={LockKeyhole}
          title={organizationId ? 'Alerts are managed by admins' : 'Choose an organization'}
          text={
            organizationId
              ? 'Ask an admin of the organization for a rule.'
              : 'A rule belongs to one organization. Choose one above.'
          }
        />
      ) : (
        <RuleForm
          key={owner}
          owner={owner}
          initial={blank()}
          submit="Make the rule"
          busy={create.isPending || create.isSuccess}
          error={create.error}
          onSubmit={(input) => create.mutate({ organizationId: owner, ...input })}
        />
      )}
    </Page>
  )
}
