'use client'

import dynamic from 'next/dynamic'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { cn } from '../cn'
import { useScope } from './organization'
import { isWithin, pagesFor, type PageLink } from './pages'

// How many wait is not needed before the page itself.
const OpenRequests = dynamic(() => import('../requests/open-requests'), { ssr: false })

/** One list of links at every width: a column beside the page, on a phone a bar that scrolls sideways. */
export function Nav() {
  const { viewer } = useScope()
  const groups = pagesFor(viewer)
  return (
    <nav aria-label="Main" className="-mx-1 overflow-x-auto [scrollbar-width:none] max-lg:order-last max-lg:basis-full">
      <div className="flex gap-0.5 p-1 lg:flex-col lg:gap-4">
        {groups.map(({ group, pages }, index) => (
          <div key={group} className="max-lg:contents">
            {/* The first group is what everybody comes for, and says so itself. */}
            {index === 0 ? null : (
              <p id={idOf(group)} className="mb-1 px-2.5 text-xs font-medium text-faint max-lg:hidden">
                {group}
              </p>
            )}
            <ul
              aria-label={index === 0 ? group : undefined}
              aria-labelledby={index === 0 ? undefined : idOf(group)}
              className="flex gap-0.5 lg:flex-col"
            >
              {pages.map((page) => (
                <NavLink key={page.path} page={page} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  )
}

const idOf = (group: string) => `nav-${group.toLowerCase().replace(' ', '-')}`

function NavLink({ page }: { page: PageLink }) {
  const { href } = useScope()
  const current = isWithin(usePathname(), page)
  const Icon = page.icon
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (current && link.current) bringIntoSight(link.current)
  }, [current])
  return (
    <li>
      <Link
        ref={link}
        href={href(page.path)}
        aria-current={current ? 'page' : undefined}
        className={cn(
          'flex h-8 items-center gap-2.5 rounded px-2.5 text-sm font-medium whitespace-nowrap transition-colors pointer-coarse:h-10',
          current ? 'bg-surface text-ink shadow-card' : 'text-muted hover:bg-hover hover:text-ink',
        )}
      >
        <Icon aria-hidden className={cn('size-4', current && 'text-accent')} />
        {page.label}
        {page.path === '/requests' ? <OpenRequests /> : null}
      </Link>
    </li>
  )
}

/** On a phone the bar is wider than the screen. Only the bar moves: the page stays where its reader has scrolled to. */
function bringIntoSight(link: HTMLElement) {
  const bar = link.closest('nav')
  if (!bar) return
  const [inner, outer] = [link.getBoundingClientRect(), bar.getBoundingClientRect()]
  bar.scrollLeft += Math.max(0, inner.right - outer.right) - Math.max(0, outer.left - inner.left)
}
