/** Joins class names and leaves out what is false. Components take `className` for layout only, so that no two classes conflict. */
export { clsx as cn } from 'clsx'
