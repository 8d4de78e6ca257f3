import { SquarePlus } from 'lucide-react'
import { Button, LinkButton } from '@/app/_components/button'
import { whyNotSubmit } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'

/** The button that leads to the form for new jobs. A person who may not submit sees the reason instead. */
export function SubmitLink() {
  const { viewer, me, href, organizationId } = useScope()
  // Where all organizations are shown, the page behind the link asks for one first.
  const unavailable = me && organizationId ? whyNotSubmit(viewer) : null
  const label = (
    <>
      <SquarePlus aria-hidden /> Submit job
    </>
  )
  if (unavailable) return <Button unavailable={unavailable}>{label}</Button>
  return (
    <LinkButton href={href('/submit')} variant="primary">
      {label}
    </LinkButton>
  )
}
