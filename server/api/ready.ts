import { ping } from '@/server/engine'
import type { Services } from './services'

const PATIENCE_MS = 2_000

/** True if the database answers within two seconds. */
export async function isReady({ db }: Services): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS)
  })
  const answered = ping(db).then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
