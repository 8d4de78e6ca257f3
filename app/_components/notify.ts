'use client'

type Kind = 'info' | 'success' | 'error'

/** Short messages at the edge of the screen. Their library is fetched with the first one. */
async function show(kind: Kind, message: string) {
  const { toast } = await import('sonner')
  toast[kind](message)
}

export const notify = {
  info: (message: string) => void show('info', message),
  success: (message: string) => void show('success', message),
  error: (message: string) => void show('error', message),
}
