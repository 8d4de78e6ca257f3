import * as product from '@/worker/handlers/catalog'
import type { Handler } from '@/worker/handler'

// Stands in for worker/handlers/catalog.ts in the worker that chaos/build-worker.mjs bundles,
// and nowhere else: no product build holds these handlers.
export * from '@/worker/handlers/catalog'

const CHAOS: Readonly<Record<string, { isolated: boolean; load(): Promise<{ default: Handler }> }>> = {
  'chaos.inline': { isolated: false, load: () => import('./inline') },
  'chaos.isolated': { isolated: true, load: () => import('./isolated') },
}
const find = (key: string) => (Object.hasOwn(CHAOS, key) ? CHAOS[key] : undefined)

export const HANDLER_KEYS: readonly string[] = [...product.HANDLER_KEYS, ...Object.keys(CHAOS)]

export function handlerInfo(key: string): { isolated: boolean } | undefined {
  const entry = find(key)
  return entry ? { isolated: entry.isolated } : product.handlerInfo(key)
}

export async function loadHandler(key: string): Promise<Handler> {
  const entry = find(key)
  return entry ? (await entry.load()).default : product.loadHandler(key)
}
