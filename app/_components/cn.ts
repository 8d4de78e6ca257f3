/**
 * Joins class names and leaves out those that are false. Components take `className` for layout, so classes seldom
 * contradict each other. Where they do, the one that must win ends with `!`, which makes it important.
 */
export { clsx as cn } from 'clsx'
