// The checking thread where nothing is bundled (`npm run dev`, tests): the same code, read as TypeScript.
import { register } from 'tsx/esm/api'

register()
const { default: check } = await import('./thread.ts')

export default check
