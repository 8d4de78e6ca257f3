/** A command cannot do what was asked. The message is for the terminal: mostly one line, with the way out. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
