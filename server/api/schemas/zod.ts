import { z } from 'zod'
import { plainWords } from './plain-words'

// Zod compiles its parsers with `new Function`, which the browser's Content-Security-Policy forbids.
if (typeof window !== 'undefined') z.config({ jitless: true })
// Its own words name types of TypeScript and regular expressions.
z.config({ customError: plainWords })

export { z }
