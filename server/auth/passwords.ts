import bcrypt from 'bcrypt'
import { inHashingTurn } from './sign-in-turns'

/**
 * The cost of every hash. Accounts with different costs would answer after different times. Each step doubles the time
 * of a guess.
 */
const COST = 12

/**
 * The hash of a random text that nobody has kept, made with the cost above. The password for an unknown email is
 * compared with it. That takes as long as a wrong password, so the time does not tell which accounts exist.
 */
const NOBODY = '$2b$12$QrtyKcbRd3WpnHLA/C1mruCCLs4cAOC1VFRgLt2L9oTu70dIh64OS'

/** bcrypt reads only 72 bytes. Longer passwords are refused where they are set. */
export const hashPassword = (password: string): Promise<string> => inHashingTurn(() => bcrypt.hash(password, COST))

/** True where the password is right. With a `hash` of null it is always false, after the same time. */
export async function checkPassword(password: string, hash: string | null): Promise<boolean> {
  const right = await inHashingTurn(() => bcrypt.compare(password, hash ?? NOBODY))
  return right && hash !== null
}
