/** A longer input is written over several lines, where it is easier to read and to change. */
const LONG = 72

interface Call {
  path: string
  kind: 'query' | 'mutation' | 'subscription'
  example: object | undefined
  /** The shell variable that holds the secret of the caller. Null where no secret is needed. */
  bearer?: string | null
}

/** The curl call of a procedure. `URL`, and `KEY` or what `bearer` names, are variables of the shell. */
export function curlCall({ path, kind, example, bearer = 'KEY' }: Call): string {
  const url = `"$URL${path}"${bearer ? ` -H "Authorization: Bearer $${bearer}"` : ''}`
  const line = example && JSON.stringify(example)
  const input = line && line.length > LONG ? JSON.stringify(example, null, 2) : line
  if (kind === 'mutation')
    return `curl ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(input ?? '{}')}`
  const call = `curl ${kind === 'subscription' ? '-N ' : ''}`
  return input ? `${call}-G ${url} \\\n  --data-urlencode ${quoted(`input=${input}`)}` : `${call}${url}`
}

/** Quotes a text for a shell. In single quotes, only the single quote itself has a special meaning. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
