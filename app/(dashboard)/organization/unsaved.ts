/** The names of an organization that its form can change. */
export interface Names {
  name?: string
  slug?: string
}

/**
 * What was typed that is not saved yet: a field that was changed again after `saved` was sent, or that was not sent. A
 * name is saved without the spaces around it.
 */
export const unsaved = (typed: Names, saved: Names): Names => ({
  ...(typed.name !== undefined && typed.name.trim() !== saved.name ? { name: typed.name } : {}),
  ...(typed.slug !== undefined && typed.slug !== saved.slug ? { slug: typed.slug } : {}),
})
