/** An input beyond this is easier to read, and to change, over several lines. */
const LONG = 72

interface Call {
  path: string
  kind: 'query' | 'mutation' | 'subscription'
  example: object | undefined
  /** The variable of the shell that proves who calls; null: nobody must be known. */
  bearer?: string | null
}

/** How something is called from a shell; `URL` and `KEY` are variables there. */
export function curlCall({ path, kind, example, bearer = 'KEY' }: Call): string {
  const url = `"$URL${path}"${bearer ? ` -H "Authorization: Bearer $${bearer}"` : ''}`
  const line = example && JSON.stringify(example)
  const input = line && line.length > LONG ? JSON.stringify(example, null, 2) : line
  if (kind === 'mutation')
    return `curl ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(input ?? '{}')}`
  const call = `curl ${kind === 'subscription' ? '-N ' : ''}`
  return input ? `${call}-G ${url} \\\n  --data-urlencode ${quoted(`input=${input}`)}` : `${call}${url}`
}

/** In single quotes nothing is special to a shell but they themselves. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
