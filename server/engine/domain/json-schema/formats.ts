import {
  isDate,
  isDateTime,
  isDuration,
  isEmail,
  isIPv4,
  isIPv6,
  isIri,
  isIriReference,
  isJsonPointer,
  isRegex,
  isRelativeJsonPointer,
  isTime,
  isUri,
  isUriReference,
  isUriTemplate,
  isUuid,
} from '@hyperjump/json-schema-formats'
import { isIdnHostname } from 'idn-hostname'

/**
 * The check of one format. `most` is the length of the longest text that can have the format. A longer text is refused
 * without the check, so the check stays quick.
 */
interface Format {
  check: (text: string) => boolean
  most: number
}

const CHECKS: Record<string, Format> = {
  'date-time': { check: isDateTime, most: 100 },
  date: { check: isDate, most: 10 },
  time: { check: isTimeOfDay, most: 100 },
  duration: { check: isDuration, most: 200 },
  // RFC 5321 4.5.3.1: 64 characters, "@" and 255 more.
  email: { check: isAsciiEmail, most: 320 },
  'idn-email': { check: isInternationalEmail, most: 320 },
  hostname: { check: isHostname, most: 253 },
  'idn-hostname': { check: isInternationalHostname, most: 253 },
  ipv4: { check: isIPv4, most: 15 },
  ipv6: { check: isIPv6, most: 45 },
  uri: { check: isUri, most: 8_192 },
  'uri-reference': { check: isUriReference, most: 8_192 },
  iri: { check: isIri, most: 8_192 },
  'iri-reference': { check: isIriReference, most: 8_192 },
  'uri-template': { check: isUriTemplate, most: 8_192 },
  uuid: { check: isUuid, most: 36 },
  'json-pointer': { check: isJsonPointer, most: 8_192 },
  'relative-json-pointer': { check: isRelativeJsonPointer, most: 8_192 },
  regex: { check: isRegex, most: 8_192 },
}

/** The formats of draft 2020-12. All of them are checked. A schema may name no other format. */
export const FORMATS: readonly string[] = Object.keys(CHECKS)

/** The most characters that a text of this format can have. Null for an unknown format. */
export const longestOf = (name: string): number | null => (Object.hasOwn(CHECKS, name) ? CHECKS[name]!.most : null)

/**
 * True where `text` has the format. An unknown format takes every text: job types made by an earlier version may name
 * one.
 */
export function hasFormat(name: string, text: string): boolean {
  const format = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
  return !format || (text.length <= format.most && format.check(text))
}

/**
 * True for a time of day. The library refuses every leap second where the date is missing. A leap second can come at
 * 23:59:60 UTC and at no other time, so it is checked here.
 */
function isTimeOfDay(text: string): boolean {
  const leap = /^(\d\d):(\d\d):60(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i.exec(text)
  if (!leap) return isTime(text)
  const [, hour, minute, sign, offsetHour = 0, offsetMinute = 0] = leap
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1)
  const utc = (Number(hour) * 60 + Number(minute) - offset + 1440) % 1440
  return utc === 1439 && isTime(text.replace(':60', ':59'))
}

function isAsciiEmail(text: string): boolean {
  try {
    return isEmail(text)
  } catch {
    // The library throws for an address in brackets whose kind is not registered, such as [foo:1].
    return false
  }
}

/**
 * True for an email address with any letters. The library's own check takes exponential time for letters beyond ASCII.
 * So each of them is replaced by an `a` before the check.
 */
function isInternationalEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (
    at < 0 ||
    !isAsciiEmail(`${local.replace(/[^\p{ASCII}]/gu, 'a')}@${domain.startsWith('[') ? domain : 'example.com'}`)
  )
    return false
  return domain.startsWith('[') || isInternationalHostname(domain)
}

function isHostname(text: string): boolean {
  return (
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text) &&
    isInternationalHostname(text)
  )
}

function isInternationalHostname(text: string): boolean {
  // No dot at the end, whether it is ASCII's or one of the other three that IDNA takes for a dot.
  if (/[.\uFF0E\u3002\uFF61]$/.test(text)) return false
  try {
    return isIdnHostname(text)
  } catch {
    return false
  }
}

/** The known format that the author probably meant. The refusal of an unknown format names it. */
export function nearestFormat(given: string): string | undefined {
  const [nearest] = FORMATS.map((name) => ({ name, distance: distance(given.toLowerCase(), name) })).sort(
    (a, b) => a.distance - b.distance,
  )
  return nearest && nearest.distance <= 2 ? nearest.name : undefined
}

/** Names in other scripts, or in the ASCII form of such names, which are converted before they are checked. */
const CONVERTED = /xn--|[^\p{ASCII}]/iu
const NAMES = new Set(['hostname', 'idn-hostname', 'idn-email'])

/**
 * Steps of a meter that a text takes at worst. Measured, for each character: names 2.2 µs, expressions 0.1, others
 * 0.02. A step is 0.4 µs (meter.ts). A text that is longer than its format allows is refused without a check.
 */
export function stepsOfFormat(name: string, text: string): number {
  if (text.length > (longestOf(name) ?? 0)) return 4
  if (NAMES.has(name) && CONVERTED.test(text)) return 4 + 6 * text.length
  return 4 + text.length / (name === 'regex' ? 4 : 16)
}

/** Levenshtein distance: how many letters must be added, left out or changed to turn `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  // `a` may be of any length. The name of a format has at most 21 letters, so 40 letters are enough to tell that no
  // format is near.
  for (let i = 1; i <= Math.min(a.length, 40); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
