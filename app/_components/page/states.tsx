'use client'

import { CircleX, LockKeyhole, SearchX, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { isNoId, messageOf, refusalOf } from '@/app/_trpc/refusal'
import { Button } from '../button'
import { cn } from '../cn'
import { visibleContent, VisibleText } from '../visible-text'

interface StateProps {
  icon: LucideIcon
  title: string
  text?: ReactNode
  action?: { label: string; onClick: () => void }
  children?: ReactNode
  /** The state stands inside a card, with less space around it. */
  compact?: boolean
  /** The state takes the place of the whole page, so its title is the page's heading. */
  page?: boolean
  role?: 'alert' | 'status'
  tone?: string
}

/** Stands where there is nothing to show. It tells why, and what the reader can do. */
export function EmptyState({
  icon: Icon,
  title,
  text,
  action,
  children,
  compact = false,
  page = false,
  role,
  tone,
}: StateProps) {
  const Title = page ? 'h1' : 'p'
  return (
    <div role={role} className={cn('flex flex-col items-center px-4 text-center', compact ? 'py-8' : 'py-20')}>
      <span className={cn('grid size-10 place-items-center rounded-full', tone ?? 'bg-sunken text-faint')}>
        <Icon aria-hidden className="size-5" />
      </span>
      <Title tabIndex={page ? -1 : undefined} className="mt-3 rounded text-base font-semibold">
        <VisibleText text={title} />
      </Title>
      {text ? <p className="mt-1 max-w-md text-sm text-balance text-muted">{visibleContent(text)}</p> : null}
      {action ? (
        <Button className="mt-4" onClick={action.onClick}>
          <VisibleText text={action.label} />
        </Button>
      ) : null}
      {children ? <div className="mt-4 flex gap-2">{children}</div> : null}
    </div>
  )
}

/**
 * Stands where something could not be loaded. It tells what happened, and offers to try again where that could help.
 */
export function ErrorState({
  error,
  onRetry,
  compact,
  page,
}: {
  error: unknown
  onRetry?: () => void
  compact?: boolean
  page?: boolean
}) {
  const refusal = refusalOf(error)
  // An address with a text that is no id leads to nothing, as one with an unknown id does.
  const reason = refusal && isNoId(refusal) ? 'NOT_FOUND' : refusal?.reason
  const [icon, title] =
    reason === 'NOT_FOUND'
      ? [SearchX, 'Not found']
      : reason === 'NOT_PERMITTED'
        ? [LockKeyhole, 'Not permitted']
        : ([CircleX, 'This could not be loaded'] as const)
  const again = onRetry && reason !== 'NOT_PERMITTED' ? { label: 'Try again', onClick: onRetry } : undefined
  return (
    <EmptyState
      icon={icon}
      title={title}
      text={messageOf(error)}
      action={again}
      compact={compact}
      page={page}
      role="alert"
      tone="bg-danger-soft text-danger"
    />
  )
}
