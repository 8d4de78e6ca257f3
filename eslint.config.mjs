import { defineConfig, globalIgnores } from 'eslint/config'
import nextVitals from 'eslint-config-next/core-web-vitals'
import tseslint from 'typescript-eslint'

/** What clients of the database and transactions are called, as a pattern of a selector. */
const CLIENT = '/^(db|tx|hotDb|leaseDb)$/'
const STATEMENT = 'Write the statement in server/engine and call it through its door.'

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
      // Both rules report callbacks that read a ref or the clock, although these run only after rendering.
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
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
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
    // A page is not fetched just because a link to it is visible.
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
    // Whatever asks the database is a function of the engine. server/deployment/ asks it before a process may start,
    // over a connection of its own.
    files: ['server/{api,auth,storage,telemetry,web}/**', 'worker/**', 'app/**', 'cli/**', 'launcher/**'],
    ignores: ['**/*.test.{ts,tsx}', '**/*.fixture.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        // db.$queryRaw`…`
        { selector: 'TaggedTemplateExpression[tag.property.name=/^[$](query|execute)Raw/]', message: STATEMENT },
        // db.$queryRaw(Prisma.sql`…`) and db.$executeRawUnsafe('…')
        { selector: 'CallExpression[callee.property.name=/^[$](query|execute)Raw/]', message: STATEMENT },
        // db.job.findMany(…)
        { selector: `CallExpression[callee.object.object.name=${CLIENT}]`, message: STATEMENT },
        // ctx.services.db.job.findMany(…)
        { selector: `CallExpression[callee.object.object.property.name=${CLIENT}]`, message: STATEMENT },
      ],
    },
  },
])
