/** A reason as people write it, with the full stop that they leave out. */
export const sentence = (text: string): string =>
  /[.!?…]$/.test(text.trimEnd()) ? text.trimEnd() : `${text.trimEnd()}.`
