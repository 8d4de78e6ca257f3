/** The form of a UUID in small letters, as PostgreSQL writes it. Other regular expressions are built from it. */
export const UUID_FORM = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** Matches a text that is one UUID in small letters. */
export const UUID = new RegExp(`^${UUID_FORM}$`)

const IN_ANY_LETTERS = new RegExp(UUID.source, 'i')

/** Whether a text is a UUID, in small or capital letters. */
export const isUuid = (text: string): boolean => IN_ANY_LETTERS.test(text)
