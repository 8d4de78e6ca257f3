/**
 * A sentence for each known error. An unknown one gets a general sentence, so that no text from the address reaches the
 * page.
 */
const WORDS: Record<string, string> = {
  CredentialsSignin: 'Email or password is wrong.',
  NOT_INVITED:
    'There is no invitation for this account. Ask an admin of your organization to invite this email address, then try again.',
  EMAIL_NOT_VERIFIED: 'The provider has not confirmed your email address. Confirm it there, then try again.',
  OTHER_IDENTITY:
    'This email address belongs to an account that signs in as somebody else at the provider. Ask a system admin.',
  DISABLED: 'This account is switched off. Ask a system admin.',
  OAuthSignin: 'The sign-in provider did not answer. Try again in a moment.',
  OAuthCallback: 'Signing in at the provider was not completed. Try again.',
  Callback: 'Signing in at the provider was not completed. Try again.',
  AccessDenied: 'Signing in at the provider was not completed. Try again.',
}

/**
 * Explains an error of next-auth to a person. The error comes from its answer, or from the address of the page. Null
 * where there is no error.
 *
 * @param status the HTTP status of the answer. Left out where the error comes from the address
 */
export function explain(error: string | null | undefined, status?: number): string | null {
  if (!error && !status) return null
  const seconds = /^TooManyAttempts\.(\d{1,5})$/.exec(error ?? '')?.[1]
  if (seconds) return `Too many attempts; try again in ${waitText(Number(seconds))}.`
  if (status === 429) return 'Too many attempts; try again in a few minutes.'
  if (status === 401) return WORDS.CredentialsSignin ?? null
  return (
    (error && Object.hasOwn(WORDS, error) ? WORDS[error] : null) ?? 'Signing in did not work. Try again in a moment.'
  )
}

const waitText = (seconds: number): string => (seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`)
