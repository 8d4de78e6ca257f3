// Read by `npm start` before any package is installed, and by the processes: plain JavaScript, nothing imported.

/** Secrets that are printed in examples. Everybody knows them, so nobody may run with them. */
const EXAMPLE =
  /change[-_ ]?(?:me|this|it)|replace|example|placeholder|insecure|(?:^|[-_ ])your[-_ ][a-z]{3}|secret[-_ ]?(?:here|key|value)|(?:your|my|super|top|default|nextauth)[-_ ]?secret|^(?:secret|password|development|default)|^0?(?:12345|98765)\d*$/i

/**
 * True for a value that was copied from an example.
 * @param {string} text
 */
export const isExample = (text) => EXAMPLE.test(text)

/**
 * True for a secret that was surely not drawn at random: an example, or a text with fewer than six different characters.
 * @param {string} text
 */
export const isGuessable = (text) => isExample(text) || new Set(text).size < 6
