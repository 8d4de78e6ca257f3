/** A command cannot do what was asked. The message is one line for the terminal, with the way out. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
