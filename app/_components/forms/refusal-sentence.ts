/** What the server says of a field, as a sentence without the field's name. */
export function sentenceOf(message: string): string {
  const text = message.replace(/^(?:changes\.)?\w+(?:\.\w+)*: /, '')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
