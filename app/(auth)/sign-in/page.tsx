import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { Logo } from '@/app/_components/shell/logo'
import { getSession } from '@/server/auth/session'
import { safeCallback } from './callback-url'
import { SignInForm } from './sign-in-form'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ callbackUrl?: string | string[] }> }) {
  const { callbackUrl } = await searchParams
  const target = typeof callbackUrl === 'string' ? callbackUrl : null
  if (await getSession()) redirect(safeCallback(target))
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <Logo className="size-9" />
          <h1 className="text-xl font-semibold tracking-tight">Sign in to Jobyard</h1>
        </div>
        <div className="rounded-lg border border-line bg-surface p-5 shadow-card">
          <SignInForm callbackUrl={target} demo={[]} />
        </div>
      </div>
    </main>
  )
}
