/**
 * The text that readers get in place of a sensitive value (specification, rule 8). It is in a file of its own, so that
 * the dashboard does not load what does the masking (sensitive.ts, with its engine for patterns).
 */
export const MASK = '[masked]'
