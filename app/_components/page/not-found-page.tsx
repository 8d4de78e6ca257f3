import { SearchX } from 'lucide-react'
import { refusalOf } from '@/app/_trpc/refusal'
import Link from '../link'
import { useScope } from '../shell/organization'
import { EmptyState } from './states'

interface Props {
  /** What was looked for, such as "Job". */
  what: string
  text: string
  /** The list of all such things. */
  list: { path: string; label: string }
}

/** Stands in place of the page of one thing that does not exist, or does not exist any more. */
export function NotFoundPage({ what, text, list }: Props) {
  const { href } = useScope()
  return (
    <EmptyState page icon={SearchX} title={`${what} not found`} text={text}>
      <Link className="text-sm font-medium text-accent underline underline-offset-4" href={href(list.path)}>
        {list.label}
      </Link>
    </EmptyState>
  )
}

/**
 * True where the server knows nothing of this id or name. It may have been deleted while the page showed it. An address
 * may also hold text that is no id at all, which the server refuses as INVALID_INPUT.
 */
export function isNotFound(error: unknown): boolean {
  const reason = refusalOf(error)?.reason
  return reason === 'NOT_FOUND' || reason === 'INVALID_INPUT'
}
