import bcrypt from 'bcrypt'

/** One for all: accounts of different costs would answer after different times. Each step doubles the time of a guess. */
const COST = 12

/**
 * The hash of a random text that nobody kept. An unknown e-mail is compared with it, so that it costs
 * the same time as a wrong password and tells nothing. Made with the cost above.
 */
const NOBODY = '$2b$12$QrtyKcbRd3WpnHLA/C1mruCCLs4cAOC1VFRgLt2L9oTu70dIh64OS'

/** bcrypt reads 72 bytes and no more; longer passwords are refused where they are set. */
export const hashPassword = (password: string): Promise<string> => bcrypt.hash(password, COST)

/** True where the password is right. `hash` null: always false, after the same time. */
export async function checkPassword(password: string, hash: string | null): Promise<boolean> {
  const right = await bcrypt.compare(password, hash ?? NOBODY)
  return right && hash !== null
}
