import { headers } from 'next/headers'
import { holdEarlyInput, READY } from './hold'

/** The part that runs at once, in the page itself: before everything that can be pressed. */
export async function HoldEarlyInput() {
  const nonce = (await headers()).get('x-nonce') ?? undefined
  // Browsers hide the nonce from the DOM, which React would take for a difference.
  return (
    <script
      nonce={nonce}
      suppressHydrationWarning
      dangerouslySetInnerHTML={{ __html: `(${holdEarlyInput})(${JSON.stringify(READY)})` }}
    />
  )
}
