import type { ReactNode } from 'react'
import { Logo } from '@/app/_components/shell/logo'

/**
 * The frame of pages for people who are not signed in, or of whom that is not known. It is one card in the middle of the
 * page.
 */
export function AuthCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <Logo className="size-9 shrink-0" />
          <h1 className="text-xl font-semibold tracking-tight text-balance">{title}</h1>
        </div>
        <div className="rounded-lg border border-line bg-surface p-5 shadow-card">{children}</div>
      </div>
    </main>
  )
}
