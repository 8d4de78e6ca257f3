import { sessionHasEnded } from '@/app/_trpc/session-state'

const MODAL = 'data-modal'

/** Marks a dialog or a drawer. Until it is closed, it is the only part of the page that can be used. */
export const modal = { [MODAL]: '' }

/**
 * True while a dialog or a drawer is open, and from the moment when the session has ended until the person has signed
 * in again. The keys that work anywhere on the page do nothing then: what is open may hold something half entered, or
 * something that cannot be shown again, and the page of an ended session must stay hidden.
 */
export const isCovered = (): boolean => sessionHasEnded() || document.querySelector(`[${MODAL}]`) !== null
