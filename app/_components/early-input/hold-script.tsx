import { headers } from 'next/headers'
import { holdEarlyInput, READY } from './hold'

/**
 * Puts the code that holds early input into the page itself. There it runs before anything on the page can be pressed.
 */
export async function HoldEarlyInput() {
  // proxy.ts makes the nonce. The content security policy lets only scripts with it run.
  const nonce = (await headers()).get('x-nonce') ?? undefined
  // Browsers hide the nonce from the DOM. React would report that as a difference, so its warning is off.
  return (
    <script
      nonce={nonce}
      suppressHydrationWarning
      dangerouslySetInnerHTML={{ __html: `(${holdEarlyInput})(${JSON.stringify(READY)})` }}
    />
  )
}
