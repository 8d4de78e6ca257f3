const MIN_PASSWORD = 12
/** bcrypt reads no more bytes. It would cut a longer password without saying so. */
const MAX_PASSWORD_BYTES = 72

/** Words of which the passwords are made that anybody tries first. */
const COMMON = [
  'password',
  'passwort',
  'letmein',
  'welcome',
  'qwertyuiop',
  'qwerty',
  'asdfghjkl',
  'iloveyou',
  'administrator',
  'admin',
  'changeme',
  'jobyard',
  'secret',
]

/**
 * What is wrong with a new password, or null. Length matters most. Beyond it, only passwords that are guessed first are
 * refused: few different characters, runs, a common word with little around it, the person's own address.
 */
export function passwordProblem(password: string, email: string): string | null {
  if ([...password].length < MIN_PASSWORD) return `must have at least ${MIN_PASSWORD} characters`
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return `must have at most ${MAX_PASSWORD_BYTES} bytes (letters beyond a to z count as two or more)`
  }
  const plain = password.toLowerCase()
  if (new Set(plain).size < 5) return 'must have at least 5 different characters'
  // Common words, the person's own address and runs are taken out. (A name of up to three letters before the @ is not: it
  // may stand in any word.) What is left must have four different characters.
  const [local = ''] = email.toLowerCase().split('@')
  const rest = [...COMMON, ...(local.length > 3 ? [local, email.toLowerCase()] : [])]
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, ''), plain)
    .replace(/(?:0?1234567890?|123456|12345|1234|123|abcdefgh\w*|abc)/g, '')
  if (new Set(rest).size < 4) return 'is too easy to guess; use a few unrelated words, or let your browser make one'
  return null
}
