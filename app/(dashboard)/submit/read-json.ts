import type { Json } from './schema-form'

/** Empty text is an empty object: a job without parameters. */
export function readJson(text: string): { value: Json } | { problem: string } {
  if (text.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(text) as Json }
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^JSON\.parse: /, '') : ''
    return { problem: `This is not JSON yet${detail ? `: ${detail}` : ''}` }
  }
}
