/** The default export of a CommonJS package. A bundler gives it as it is, Node.js gives the module around it. */
export const defaultOf = <T>(imported: T): T => (imported as { default?: T }).default ?? imported
