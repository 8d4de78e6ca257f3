/**
 * Joins class names and leaves out those that are false. Components take `className` for layout only, so no two classes
 * contradict each other.
 */
export { clsx as cn } from 'clsx'
