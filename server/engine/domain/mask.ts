/** The text that readers get in place of a sensitive value (rule 8). */
export const MASK = '[masked]'
