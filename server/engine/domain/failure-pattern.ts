// Finds out which errors are the same fault, whatever ids and numbers their messages hold.

/** Stand for the parts of a message that change from job to job. */
const [VALUE, HOST, PATH, EMAIL, TIME, ID, NUMBER] = [
  '‹value›',
  '‹host›',
  '‹path›',
  '‹email›',
  '‹time›',
  '‹id›',
  '‹number›',
]

/** How many characters of a message are looked at. What tells causes apart stands at its beginning. */
const LOOKED_AT = 600

/**
 * A message with a placeholder for each part that changes from job to job: the label of a group of failures.
 *
 * @example patternOf("Order 17 of 'ACME' not found on db-3.acme.internal:5432")
 * // "Order ‹number› of ‹value› not found on ‹host›"
 */
export function patternOf(message: string): string {
  // The cut may have gone through the middle of an emoji. PostgreSQL takes no half of one.
  const start = message.slice(0, LOOKED_AT).toWellFormed()
  const shaped = SHAPES.reduce((text, { found, by }) => text.replace(found, by as string), start)
  return onePlaceholderForLists(shaped).replace(/\s+/g, ' ').trim()
}

/**
 * The words of a message, by which causes are told apart. Which kind of part varies is no difference: an id
 * may happen to be a number, and a host may be named by its address.
 *
 * @example wordsOf('Order 17 has 2 lines') === wordsOf('Order ord_8Kx2 has 1 line')
 */
export function wordsOf(message: string): string {
  return (
    patternOf(message)
      .toLowerCase()
      .replace(/‹[a-z]+›/g, '‹›')
      .replace(/‹›(?:[ ,;:/]*(?:and |or )?‹›)+/g, '‹›')
      // "1 line" and "2 lines".
      .replace(/(‹› [\p{L}-]+?)s\b/gu, '$1')
  )
}

type Shape = { found: RegExp; by: string | ((match: string, ...groups: string[]) => string) }

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*'
const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?(?: ?[AaPp]\\.?[Mm]\\b\\.?)?'
const ZONE = '(?: ?(?:Z|UTC|GMT)\\b(?:[+-]\\d{4}(?: \\([^)]*\\))?)?| ?[+-]\\d{2}:?\\d{2}\\b)?'
/** Words that stand before the name of a machine. */
const BEFORE_HOST =
  'ENOTFOUND|EAI_AGAIN|host(?:name)?|server at|proxy|upstream|lookup|reach|resolve|connect(?:ion)? (?:to|with|from)|connecting to|connected to|DNS|MX (?:of|for)|Host'

/** In this order: what is found first is not looked at again. */
const SHAPES: readonly Shape[] = [
  // JSON.parse quotes what it met, which may hold quotes itself, and older releases do not quote it.
  { found: /\bUnexpected token [^\n]*? is not valid JSON/g, by: `Unexpected token ${VALUE} is not valid JSON` },
  { found: /\bUnexpected token \S+ in JSON\b/g, by: `Unexpected token ${VALUE} in JSON` },
  // PostgreSQL: Key (email)=(a@example.com) already exists.
  { found: /\)=\([^)\n]*\)/g, by: `)=(${VALUE})` },
  // A quote inside a word is an apostrophe ("can't").
  { found: /(?<![\p{L}\p{N}_])(["'`])(?:(?!\1)[^\n])*\1(?![\p{L}\p{N}_])/gu, by: VALUE },
  { found: /[“‘«][^”’»\n]*[”’»]/g, by: VALUE },
  { found: /\b([a-z][a-z0-9+.-]*):\/\/([^\s‹›"'<>)\]/?#]*)([^\s‹›"'<>)\]]*)/gi, by: url },
  {
    found: /\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[^\s‹›"'<>)\]]*)/g,
    by: (_, method, path) => `${method} ${urlPath(path!)}`,
  },
  { found: /[^\s@‹›"'<>(,;=]+@[\w-]+(?:\.[\w-]+)+/g, by: EMAIL },
  { found: /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b/g, by: TIME },
  {
    found: new RegExp(
      `(?:\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?\\b(?:\\d{1,2}[ -]${MONTH}[ -]\\d{4}|${MONTH} \\d{1,2},? \\d{4})(?:,? ${CLOCK}${ZONE})?`,
      'g',
    ),
    by: TIME,
  },
  { found: /\b\d{1,4}[./]\d{1,2}[./]\d{4}\b|\b\d{4}\/\d{2}\/\d{2}\b/g, by: TIME },
  { found: new RegExp(`\\b\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d+)?${ZONE}(?![\\w:])`, 'g'), by: TIME },
  // Hardware and IPv6 addresses, the latter with brackets and port.
  { found: /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, by: ID },
  {
    found:
      /\[?(?<![\w:.])(?=[0-9a-f]*:[0-9a-f:]*:)(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?:%\w+)?(?![\w:]*:[g-z])(?:\](?::\d{1,5})?|:\d{4,5}\b)?/gi,
    by: HOST,
  },
  { found: /\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?::\d{1,5})?\b/g, by: HOST },
  { found: new RegExp(`\\b${CLOCK}${ZONE}`, 'g'), by: TIME },
  { found: /(?<![\w.›])(?:[A-Za-z]:)?(?:\.{0,2}[\\/])[\w.@~+-]+(?:[\\/][\w.@~+-]*)*/g, by: PATH },
  // After the codes that begin with E, any word is a host: "ENOTFOUND db". After the other words only what looks like a
  // machine is one: "DNS:*.acme.com".
  {
    found: new RegExp(`\\b(${BEFORE_HOST})([ :]+)(?!(?:${BEFORE_HOST})\\b)([\\w*][\\w.*-]*(?::\\d{1,5})?)`, 'g'),
    by: (match, before, between, name) =>
      isMachine(name!) || before!.startsWith('E') ? `${before}${between}${HOST}${endOf(name!)}` : match,
  },
  // What answered tells causes apart: 404 is not 500.
  { found: /\b(HTTP(?:\/[\d.]+)?|status(?: code)?:?|answered(?: with)?|responded with) ([1-5]\d\d)\b/gi, by: status },
  // With its unit: "30000ms" and "5 s", "10 MB" and "3 kB".
  {
    found:
      /[-+]?(?<![\w.])[$€£]?\d[\d,]*(?:\.\d+)? ?(?:[kKMGT]i?B|bytes?|ms|s|secs?|seconds?|minutes?|min|hours?|h|days?|d|%)(?![\p{L}\p{N}_-])/gu,
    by: NUMBER,
  },
  { found: /(?<![‹\p{L}\p{N}_]|HTTP\/)[-+#$€£]*[\p{L}\p{N}_*][\p{L}\p{N}_*.:,+~=-]*/gu, by: wordOrPlaceholder },
]

/** Host, query and what looks like an id change; the words of the path say what was called. */
function url(_: string, scheme: string, __: string, rest: string): string {
  return `${scheme.toLowerCase()}://${HOST}${urlPath(rest)}`
}

function urlPath(path: string): string {
  const end = /[.,;:!]*$/.exec(path)![0]
  const bare = path.slice(0, path.length - end.length).replace(/[?#].*$/, '')
  const parts = bare
    .split('/')
    .map((part) => (part === '' || /^(?:v\d{1,2}|[a-z]{2,}(?:[_-][a-z]+)*)$/.test(part) ? part : ID))
  return parts.join('/').replace(/\/$/, '') + end
}

/** Puts a status in ‹›, so that it is not taken for a number afterwards. `onePlaceholderForLists` takes them off. */
function status(_: string, before: string, code: string): string {
  return `${before} ‹${code}›`
}

/** Words with a digit in them that mean the same in every message. */
const TERMS =
  /^(?:s3|ec2|k8s|http[123]|h2c?|utf-?(?:8|16)|base(?:32|58|64)(?:url)?|sha-?(?:1|256|384|512)|md5|x509|ipv?[46]|tcp[46]|udp[46]|oauth2?|p12|pkcs\d{1,2}|tls(?:v?1(?:\.[0-3])?)|sslv?[23]|latin-?1|iso-8859-\d{1,2}|iso-8601|rfc-?\d{3,4}|u?int(?:2|4|8|16|32|64)|float(?:4|8|32|64)|i18n|mp[34]|oauth|err_[a-z0-9_]+|e2big)$/i

/** One word of a message as it stands, or what stands for it. */
function wordOrPlaceholder(match: string): string {
  const end = endOf(match)
  const text = match.slice(0, match.length - end.length)
  return placeholder(text) + end
}

/** The signs at the end of a word that belong to the sentence. */
const endOf = (text: string): string => /[.:,+~=*-]*$/.exec(text)![0]

function placeholder(text: string): string {
  if (TERMS.test(text)) return text
  const [, name, value] = /^([\p{L}_][\p{L}_.-]*)([=:](?=.*\d).+)$/u.exec(text) ?? []
  // "tenant=acme5" and "line:12": what it is called is a word. "db.acme.com:5432" and "localhost:80" are machines.
  if (name && value && !isMachine(text)) return `${placeholder(name)}${value[0]}${placeholder(value.slice(1))}`
  if (isMachine(text)) return HOST
  if (FILE.test(text)) return PATH
  if (/^[-+#$€£]*\d[\d.,:]*$/.test(text)) return NUMBER
  if (/\d/.test(text) || isRandom(text)) return fieldPathOrId(text)
  return text
}

/** "lines.0.sku" keeps its names: they say which field it is. */
function fieldPathOrId(text: string): string {
  const parts = text.split('.')
  const isField =
    parts.length > 1 && parts.every((part) => /^(?:\d{1,4}|[a-z_][A-Za-z_]*)$/.test(part)) && /^[a-z_]/.test(text)
  return isField ? parts.map((part) => (/^\d/.test(part) ? NUMBER : part)).join('.') : ID
}

const FILE =
  /^[\p{L}\p{N}_-][\p{L}\p{N}_.-]*\.(?:csv|tsv|xlsx?|docx?|pdf|txt|xml|zip|gz|tar|tgz|png|jpe?g|gif|webp|svg|mp[34]|mov|parquet|avro|ndjson|jsonl|log|tmp|bak|eml)$/iu

/**
 * Endings by which a name with dots is the name of a machine. Endings that fields of data often have, such as `id` and
 * `name`, are left out.
 */
const SUFFIXES =
  'com|net|org|io|dev|app|cloud|example|test|invalid|local|localhost|internal|intranet|lan|corp|home|svc|cluster|consul|info|biz|edu|gov|mil|arpa|tech|online|site|shop|store|systems|services|eu|de|uk|fr|nl|ch|at|es|se|dk|fi|cz|pt|ie|jp|cn|kr|au|nz|br|mx|ca|ru|us|ai|co|za|tr|sg|hk'
const MACHINE = new RegExp(`^(?:\\*\\.)?(?:[a-z0-9_-]+\\.)+(?:${SUFFIXES})(?::\\d{1,5})?$`, 'i')

const isMachine = (text: string): boolean => {
  const name = text.slice(0, text.length - endOf(text).length)
  return (
    MACHINE.test(name) ||
    /^localhost(?::\d{1,5})?$/i.test(name) ||
    // A port has four or five digits, as in "redis:6379" and "db-primary:5432". "line:12" and "code:404" are no machines.
    /^(?!\d)[a-z0-9-]+(?:\.[a-z0-9-]+)*:\d{4,5}$/i.test(name)
  )
}

/**
 * True for a text without a digit that is no word: at least 7 small letters or 8 capitals from a to f, or capitals where
 * no word has them.
 */
function isRandom(text: string): boolean {
  const tail = /^[a-z]{1,8}_([A-Za-z]{6,})$/.exec(text)?.[1] ?? text
  // Three words of English consist of such letters, too.
  if (/^(?:[a-f]{7,}|[A-F]{8,})$/.test(text)) return !/^(?:defaced|effaced|acceded)$/.test(text)
  if (!/^[A-Za-z]{6,}$/.test(tail) || !/[a-z]/.test(tail) || !/[A-Z]/.test(tail)) return false
  // Words in camelCase are longer between their capitals, 2.6 letters and more on average.
  const humps = tail.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return humps.length >= 3 && tail.length / humps.length < 2.6
}

/** "‹number›, ‹number› and ‹number›" becomes one placeholder. Also takes the marks off statuses: ‹404› becomes 404. */
const onePlaceholderForLists = (text: string): string =>
  text.replace(/‹([1-5]\d\d)›/g, '$1').replace(/(‹[a-z]+›)(?:(?:[,;/]|,? and|,? or)? ?\1)+/g, '$1')
