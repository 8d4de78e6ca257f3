/** The form of a UUID in lower case, as PostgreSQL writes it. Other regular expressions are built from it. */
export const UUID_FORM = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** Matches a text that is one UUID in lower case. */
export const UUID = new RegExp(`^${UUID_FORM}$`)

const IN_EITHER_CASE = new RegExp(UUID.source, 'i')

/** Whether a text is a UUID, in lower or upper case. */
export const isUuid = (text: string): boolean => IN_EITHER_CASE.test(text)
