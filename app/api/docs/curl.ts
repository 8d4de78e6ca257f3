import { bodyTypeOf, type Entry } from './entries'

/** A longer input is written over several lines, where it is easier to read and to change. */
const LONG = 72
/** The file that examples upload. */
const FILE = { name: 'people.csv', type: 'text/csv' }

interface Call {
  method: string
  /** With its query. */
  path: string
  streams?: boolean
  /** The input as JSON: the body, or in the address where there is no body. */
  example?: object
  /** The content type of the body. Null where there is none. A body that is not JSON is a file. */
  body?: string | null
  headers?: Record<string, string>
  /** The shell variable that holds the secret of the caller. Null where no secret is needed. */
  bearer?: string | null
}

/** A curl call. `URL`, and `KEY` or what `bearer` names, are variables of the shell. */
export function curlCall({
  method,
  path,
  streams = false,
  example,
  body = null,
  headers = {},
  bearer = 'KEY',
}: Call): string {
  const line = example && JSON.stringify(example)
  const input = line && line.length > LONG ? JSON.stringify(example, null, 2) : line
  const address = `"$URL${path}"${bearer ? ` -H "Authorization: Bearer $${bearer}"` : ''}`
  const options = [
    ...(streams ? ['-N'] : []),
    ...(body === null && input ? ['-G'] : []),
    // curl takes GET by itself, and POST where there is a body.
    ...(method === (body === null ? 'GET' : 'POST') ? [] : [`-X ${method}`]),
  ]
  const more = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  if (body !== null) {
    more.push(`-H ${quoted(`Content-Type: ${body === '*/*' ? FILE.type : body}`)}`)
    more.push(body === 'application/json' ? `-d ${quoted(input ?? '{}')}` : `--data-binary @${FILE.name}`)
  } else if (input) more.push(`--data-urlencode ${quoted(`input=${input}`)}`)
  return [['curl', ...options, address].join(' '), ...more].join(' \\\n  ')
}

/** The example call of an entry. Of path, query and headers it has what the document gives an example of. */
export function callOf(entry: Entry): string {
  const { path, method, streams, input, operation } = entry
  const examplesIn = (where: 'path' | 'query' | 'header') =>
    (operation.parameters ?? []).flatMap(({ in: at, name, example }): [string, string][] =>
      at === where && example !== undefined ? [[name, String(example)]] : [],
    )
  const filled = examplesIn('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  )
  const query = new URLSearchParams(examplesIn('query')).toString()
  return curlCall({
    method,
    path: query ? `${filled}?${query}` : filled,
    streams,
    example: input?.example as object | undefined,
    body: bodyTypeOf(entry),
    headers: Object.fromEntries(examplesIn('header')),
    bearer: bearerOf(operation),
  })
}

/** The shell variable for the secret of a call. Most calls need an API key, which the document asks for as a whole. */
function bearerOf({ security }: Entry['operation']): string | null {
  if (!security) return 'KEY'
  return security.some((scheme) => 'attemptToken' in scheme) ? 'TOKEN' : null
}

/** Quotes a text for a shell. In single quotes, only the single quote itself has a special meaning. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
