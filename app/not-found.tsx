import Link from '@/app/_components/link'
import { buttonClass } from './_components/button-class'
import { Logo } from './_components/shell/logo'

// The page for addresses that do not exist.

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center px-4">
      <div className="flex flex-col items-center text-center">
        <Logo className="size-10" />
        <h1 className="mt-5 text-xl font-semibold">There is no page here</h1>
        <p className="mt-1 text-base text-muted">The address may be mistyped, or what it named is gone.</p>
        <Link href="/" className={buttonClass('primary', 'md', 'mt-5')}>
          To the overview
        </Link>
      </div>
    </main>
  )
}
