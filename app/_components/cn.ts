/** Joins class names, dropping what is false. Components take `className` for layout only, so nothing conflicts. */
export { clsx as cn } from 'clsx'
