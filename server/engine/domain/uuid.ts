/** The form of a UUID in small letters, as PostgreSQL writes it: a piece to build regular expressions from. */
export const UUID_FORM = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** A whole text that is a UUID in small letters. */
export const UUID = new RegExp(`^${UUID_FORM}$`)

const IN_ANY_LETTERS = new RegExp(UUID.source, 'i')

/** Whether a text is a UUID, in small or capital letters. */
export const isUuid = (text: string): boolean => IN_ANY_LETTERS.test(text)
