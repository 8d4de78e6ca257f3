'use client'

import './globals.css'
import { buttonClass } from './_components/button-class'

/** The page that is shown when the layout itself broke. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="font-sans">
        <main role="alert" className="grid min-h-dvh place-items-center px-4">
          <div className="flex flex-col items-center text-center">
            <h1 className="text-xl font-semibold">Jobyard broke</h1>
            <p className="mt-1 text-base text-muted">Your jobs go on; only this page does not. Load it again.</p>
            <button type="button" className={buttonClass('primary', 'md', 'mt-5')} onClick={reset}>
              Load again
            </button>
          </div>
        </main>
      </body>
    </html>
  )
}
