'use client'

import { ChartNoAxesColumn, ListTree, SquarePlus, type LucideIcon } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '../cn'
import { useScope } from './organization'

/** The pages that exist, in the order of the day's work. */
const PAGES: { path: string; label: string; icon: LucideIcon }[] = [
  { path: '/', label: 'Overview', icon: ChartNoAxesColumn },
  { path: '/jobs', label: 'Jobs', icon: ListTree },
  { path: '/submit', label: 'Submit', icon: SquarePlus },
]

/** One list of links at every width: a column beside the page, on a phone a bar that scrolls sideways. */
export function Nav() {
  const pathname = usePathname()
  const { href } = useScope()
  return (
    <nav aria-label="Main" className="-mx-1 overflow-x-auto [scrollbar-width:none] max-lg:order-last max-lg:basis-full">
      <ul className="flex gap-0.5 p-1 lg:flex-col">
        {PAGES.map(({ path, label, icon: Icon }) => {
          const current = path === '/' ? pathname === '/' : pathname.startsWith(path)
          return (
            <li key={path}>
              <Link
                href={href(path)}
                aria-current={current ? 'page' : undefined}
                className={cn(
                  'flex h-8 items-center gap-2.5 rounded px-2.5 text-sm font-medium whitespace-nowrap transition-colors pointer-coarse:h-10',
                  current ? 'bg-surface text-ink shadow-card' : 'text-muted hover:bg-hover hover:text-ink',
                )}
              >
                <Icon aria-hidden className={cn('size-4', current && 'text-accent')} />
                {label}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
