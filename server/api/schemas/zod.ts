import { z } from 'zod'

// Zod compiles its parsers with `new Function`, which the browser's Content-Security-Policy forbids.
if (typeof window !== 'undefined') z.config({ jitless: true })

export { z }
