// Keeps room for the banners above a page, so that nothing moves when they appear.

export const ROOM_COOKIE = 'jobyard_banners'

/** More than this is not kept free. If many banners are gone meanwhile, they leave no large hole. */
const MOST_PX = 240

/** The height of the banners when they were last seen, in pixels. */
export function readRoom(value: string | undefined): number {
  const height = Number(value)
  return Number.isInteger(height) && height > 0 ? Math.min(height, MOST_PX) : 0
}

/**
 * Stores the height of the banners in a cookie, for a day. So the server keeps room for them on the next page, and
 * nothing moves down when they arrive.
 */
export function keepRoom(height: number) {
  document.cookie = `${ROOM_COOKIE}=${Math.round(height)}; path=/; max-age=86400; samesite=lax`
}
