import { z } from 'zod'
import { plainWords } from './plain-words'

// Zod compiles its parsers with `new Function`, which the browser's Content-Security-Policy forbids.
if (typeof window !== 'undefined') z.config({ jitless: true })
// Zod's own messages use terms of TypeScript and regular expressions, so plain words replace them.
z.config({ customError: plainWords })

export { z }
