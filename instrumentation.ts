/** Runs once when the web server starts: a wrong environment is said then, not at the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { getEnv, orExit } = await import('./server/env')
  orExit(getEnv)
  const { recordPeers } = await import('./server/api/address')
  recordPeers()
  const { divertMalformedAddresses } = await import('./server/api/malformed-address')
  divertMalformedAddresses()
  // In production server/web/main.ts ends open streams when the process stops.
  if (process.env.NODE_ENV !== 'development') return
  const { endStreamsOnStop } = await import('./server/api/services')
  endStreamsOnStop()
}
