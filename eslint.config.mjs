import { defineConfig, globalIgnores } from 'eslint/config'
import nextVitals from 'eslint-config-next/core-web-vitals'
import tseslint from 'typescript-eslint'

export default defineConfig([
  globalIgnores([
    '.next/**',
    '.local/**',
    '**/dist/**',
    'server/generated/**',
    'next-env.d.ts',
    'test-results/**',
    'playwright-report/**',
    'handlers/**',
  ]),
  {
    // The rules of Next.js, React and accessibility are for pages. Elsewhere they find nothing, and took a sixth of the
    // time of all rules.
    files: ['app/**/*.{ts,tsx}'],
    extends: [nextVitals],
    rules: {
      'import/no-anonymous-default-export': 'off',
      // Both take a callback that only runs later for something read while rendering.
      'react-hooks/refs': 'off',
      'react-hooks/purity': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx,mts}'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // What a queue must not get wrong: a promise that nobody waits for, an error that is no Error.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, arguments: false } },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }], 'no-undef': 'off' },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
    },
  },
  {
    // The server logs through pino.
    files: ['app/**', 'server/**', 'worker/**'],
    ignores: ['**/*.test.{ts,tsx}'],
    rules: { 'no-console': 'error' },
  },
  {
    // Pages of links in sight are not fetched beforehand.
    files: ['app/**'],
    ignores: ['app/_components/link.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'next/link', message: 'Use app/_components/link: it fetches a page only when it is meant.' }],
        },
      ],
    },
  },
  {
    // Whatever asks the database is a function of the engine.
    files: ['server/{api,auth,web}/**', 'worker/**', 'app/**'],
    ignores: ['**/*.test.{ts,tsx}', '**/*.fixture.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TaggedTemplateExpression[tag.property.name=/^.(queryRaw|executeRaw)$/]',
          message: 'Write the statement in server/engine and call it through its door.',
        },
        {
          selector: 'CallExpression[callee.object.object.name=/^(db|tx|hotDb|leaseDb)$/]',
          message: 'Write the query in server/engine and call it through its door.',
        },
      ],
    },
  },
])
