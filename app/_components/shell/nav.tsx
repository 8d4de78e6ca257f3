'use client'

import { Menu as MenuIcon, X } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from '../link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../button'
import { cn } from '../cn'
import { useScope } from './organization'
import { isWithin, pagesFor, type PageLink } from './pages'

// The page does not wait for this count.
const OpenRequests = dynamic(() => import('../requests/open-requests'), { ssr: false })

/**
 * One list of links. On a wide screen it is a column beside the page. On a small screen a button opens it as a menu
 * below the header. When the menu is closed, the links are still in the document.
 */
export function Nav() {
  const { viewer } = useScope()
  const groups = pagesFor(viewer)
  const [open, setOpen] = useState(false)
  const whole = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    const press = ({ target }: PointerEvent) => {
      if (!whole.current?.contains(target as Node)) setOpen(false)
    }
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', press)
    document.addEventListener('keydown', key)
    return () => {
      document.removeEventListener('pointerdown', press)
      document.removeEventListener('keydown', key)
    }
  }, [open])

  return (
    <div ref={whole} className="max-lg:ml-auto">
      <IconButton
        ref={button}
        label="Menu"
        aria-expanded={open}
        aria-controls="navigation"
        className="size-9 pointer-coarse:size-10 lg:hidden"
        onClick={() => setOpen(!open)}
      >
        {open ? <X aria-hidden /> : <MenuIcon aria-hidden />}
      </IconButton>
      <nav
        id="navigation"
        aria-label="Main"
        className={cn(
          'lg:-mx-1 lg:p-1',
          'max-lg:absolute max-lg:inset-x-0 max-lg:top-full max-lg:z-30 max-lg:max-h-[calc(100dvh-4rem)] max-lg:overflow-y-auto max-lg:border-b max-lg:border-line max-lg:bg-sunken max-lg:p-3 max-lg:shadow-pop',
          open ? null : 'max-lg:hidden',
        )}
        onClick={({ target }) => {
          if ((target as Element).closest('a')) setOpen(false)
        }}
      >
        <div className="grid gap-3 lg:gap-4">
          {groups.map(({ group, pages }, index) => (
            <div key={group}>
              {/* The first group is what most people come for, so it needs no heading. */}
              {index === 0 ? null : (
                <p id={idOf(group)} className="mb-1 px-2.5 text-xs font-medium text-faint">
                  {group}
                </p>
              )}
              <ul
                aria-label={index === 0 ? group : undefined}
                aria-labelledby={index === 0 ? undefined : idOf(group)}
                className="grid gap-0.5 max-lg:grid-cols-2"
              >
                {pages.map((page) => (
                  <NavLink key={page.path} page={page} />
                ))}
              </ul>
            </div>
          ))}
        </div>
      </nav>
    </div>
  )
}

const idOf = (group: string) => `nav-${group.toLowerCase().replace(' ', '-')}`

function NavLink({ page }: { page: PageLink }) {
  const { href } = useScope()
  const current = isWithin(usePathname(), page)
  const Icon = page.icon
  return (
    <li>
      <Link
        href={href(page.path)}
        aria-current={current ? 'page' : undefined}
        className={cn(
          'flex h-8 items-center gap-2.5 rounded px-2.5 text-sm font-medium whitespace-nowrap transition-colors pointer-coarse:h-11',
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
