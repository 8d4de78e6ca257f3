import { Pencil } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button, LinkButton } from '@/app/_components/button'
import { Dialog } from '@/app/_components/dialog'
import { may } from '@/app/_components/may'
import { ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useJobTypes } from '@/app/_trpc/use-job-types'

const LimitDialog = dynamic(() => import('../job-types/limit-dialog'), { ssr: false })

/**
 * Where jobs wait for a limit, changes that limit or asks for another one. Without a job type it is the limit of the
 * organization, whose page shows it.
 */
export function ChangeLimit({ jobType }: { jobType: string | undefined }) {
  const { viewer, organizationId, href } = useScope()
  const [open, setOpen] = useState(false)
  if (!jobType)
    return organizationId && may(viewer, 'organization.read') ? (
      <LinkButton size="sm" variant="ghost" href={href('/organization?tab=limits')} prefetch={false}>
        <Pencil aria-hidden className="size-3.5!" /> Limit
      </LinkButton>
    ) : null
  const changes = may(viewer, 'jobTypes.write')
  const asks = !changes && may(viewer, 'requests.create') ? organizationId : undefined
  if (!changes && !asks) return null
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        aria-label={`${asks ? 'Ask for another limit' : 'Change the limit'} of ${jobType}`}
        onClick={() => setOpen(true)}
      >
        <Pencil aria-hidden className="size-3.5!" /> Limit
      </Button>
      {open ? <OpenDialog jobType={jobType} asks={asks} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

/** The dialog needs the whole job type, which is read when somebody opens it. */
function OpenDialog({ jobType, asks, onClose }: { jobType: string; asks: string | undefined; onClose: () => void }) {
  const { organizationId, ready } = useScope()
  const types = useJobTypes(organizationId, ready)
  const type = types.data?.find(({ name }) => name === jobType)
  if (type) return <LimitDialog type={type} asks={asks} onClose={onClose} />
  if (types.isPending) return null
  return (
    <Dialog title={`Limit of ${jobType}`} text="Its job type could not be read." busy={false} onClose={onClose}>
      {types.error ? (
        <ErrorState compact error={types.error} onRetry={() => void types.refetch()} />
      ) : (
        <p className="mt-4 text-sm text-muted">The organization can no longer submit to it.</p>
      )}
    </Dialog>
  )
}
