// The colours that a person chose: light, dark, or as the system says.

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const THEME_COOKIE = 'jobyard_theme'

export const readTheme = (value: string | undefined): Theme =>
  value === 'light' || value === 'dark' ? value : 'system'

/**
 * Stores the choice in a cookie, for a year. So the server draws the page with the right theme at once, and no script
 * has to run before the first paint.
 */
export function applyTheme(theme: Theme) {
  document.documentElement.classList.remove('light', 'dark')
  if (theme !== 'system') document.documentElement.classList.add(theme)
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`
}
