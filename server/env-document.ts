import { z } from 'zod'
import { webSchema, workerSchema } from './env'
import { bounds } from './env-bounds.mjs'
import { ENV_WORDS, LAUNCHER_WORDS } from './env-words'

interface Variable {
  default?: unknown
  enum?: string[]
}
/** The variables of a schema. `any`: what JSON Schema cannot express, such as a change of the text, is left out. */
const read = (schema: z.ZodType) => {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Variable>
    required?: string[]
  }
  return { properties, required }
}
const web = read(webSchema)
const worker = read(workerSchema)

/**
 * The defaults of numbers. They stand behind the change from text to number, so only the schema of the output has them.
 */
const numbers = [webSchema, workerSchema].map(
  (schema) =>
    (z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as { properties?: Record<string, Variable> })
      .properties ?? {},
)

/** The names of all variables that processes read. */
export const variables = (): string[] => [
  ...new Set([...Object.keys(web.properties), ...Object.keys(worker.properties)]),
]

/** The whole text of docs/configure.md, made from the schemas of env.ts and the words of env-words.ts. */
export function configureMarkdown(): string {
  const names = Object.keys(ENV_WORDS).filter((name) => variables().includes(name))
  return `# Configure

<!-- Made from server/env.ts and server/env-words.ts. To write it anew:
     UPDATE_DOCS=1 npx vitest run --project unit server/env-document.test.ts -->

Jobyard is configured by variables of the environment. They may also stand in a file \`.env\` in its folder (\`.env.example\` is a copy to
begin with); what is set in the environment wins. An empty variable counts as not set. A wrong one is named in one line at the start, before
anything is touched, and never with a secret. Changes count from the next start.

\`npm start\` needs none of these, except \`NEXTAUTH_SECRET\` in production on a database of your own. “Needed by” says which processes refuse to start without it when
they are started by themselves (\`npm run web\`, \`npm run worker\`).

| variable | read by | needed by | default | what it is |
|---|---|---|---|---|
${names.map(row).join('\n')}

Only \`npm start\` and the commands beside it read these:

| variable | what it is |
|---|---|
${Object.entries(LAUNCHER_WORDS)
  .map(([name, words]) => `| \`${name}\` | ${words} |`)
  .join('\n')}

What is configured in the dashboard instead, without a restart: job types, limits, schedules, alert rules, members and keys.
`
}

function row(name: string): string {
  const given = [web.properties[name], worker.properties[name]].filter((one) => one !== undefined)
  const readers = [name in web.properties && 'web', name in worker.properties && 'worker']
  const needing = [web.required.includes(name) && 'web', worker.required.includes(name) && 'worker']
  const preset = [...given, ...numbers.flatMap((one) => one[name] ?? [])].find(
    (one) => one.default !== undefined,
  )?.default
  const [least, most] = (bounds as Record<string, readonly number[] | undefined>)[name] ?? []
  const range = least === undefined ? '' : ` (${least} to ${most})`
  // JOBYARD_EMBEDDED is not set by hand, so its values are not told.
  const oneOf = given.find((one) => one.enum)?.enum
  const words = `${ENV_WORDS[name]}${oneOf && name !== 'JOBYARD_EMBEDDED' ? ` One of ${oneOf.map((value) => `\`${value}\``).join(', ')}.` : ''}`
  const shown = preset === undefined || preset === '' ? '–' : `\`${String(preset as string | number)}\``
  return `| \`${name}\` | ${list(readers)} | ${list(needing)} | ${shown}${range} | ${words} |`
}

const list = (parts: (string | false)[]) => parts.filter(Boolean).join(', ') || '–'
