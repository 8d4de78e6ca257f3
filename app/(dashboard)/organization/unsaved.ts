/** The names of an organization that its form can change. */
export interface Names {
  name?: string
  slug?: string
}

/** What was typed after the saved values were sent. */
export const unsaved = (typed: Names, saved: Names): Names => ({
  ...(typed.name !== undefined && typed.name.trim() !== saved.name ? { name: typed.name } : {}),
  ...(typed.slug !== undefined && typed.slug !== saved.slug ? { slug: typed.slug } : {}),
})
