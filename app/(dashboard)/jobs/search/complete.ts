import { PRIORITIES, STATUSES } from '@/app/_components/job-status'
import { CODES, reasonLabel, reasonWord } from '@/app/_components/waiting/words'
import { isReserved, KEYWORDS } from './keywords'
import type { SchemaPath } from './schema-paths'
import { wordsIn } from './cut'
import { keyOf, partsOf, pathIn, quoted } from './words'
import { slugOf } from './write'

/** A suggestion that can replace what is typed. */
export interface Option {
  /** The text that is inserted. */
  text: string
  label: string
  note: string
  /** The reader has to type more after it, so the list stays open. */
  more: boolean
}
export interface Completion {
  /** Where the part of the search that a suggestion replaces begins and ends. */
  from: number
  to: number
  options: Option[]
}

/** The job types and parameters of the organization, from which suggestions are made. */
export interface Known {
  types: { name: string; displayName: string }[]
  paths: SchemaPath[]
}

/** The most suggestions that are shown. */
const MOST = 12
const SPANS = ['15m', '1h', '6h', '24h', '7d']

/** The suggestions for the word in which the caret stands. */
export function complete(text: string, caret: number, known: Known): Completion {
  const word = wordsIn(text).find(({ from, to }) => from <= caret && caret <= to)
  const from = word?.from ?? caret
  const to = word?.to ?? caret
  const typed = text.slice(from, caret)
  // How much of the word is a key with its colon. A colon in quotation marks is part of the key.
  const colon = /^(?:"(?:[^"\\]|\\.)*"|[^":])*:/.exec(typed)?.[0].length
  if (colon === undefined) return { from, to, options: keys(typed, known).slice(0, MOST) }

  const key = typed.slice(0, colon - 1)
  // Where a condition has several values, only the last one is completed.
  const last = partsOf(typed.slice(colon)).at(-1)!
  return { from: caret - last.length, to, options: values(key, last, known).slice(0, MOST) }
}

/** With fewer letters, too many job types would fit a word that may mean something else. */
const LEAST_OF_A_TYPE = 3

/** Suggestions for a word without a colon: keywords, job types and places in the parameters. */
function keys(typed: string, { types, paths }: Known): Option[] {
  const start = typed.toLowerCase()
  const keywords = Object.entries(KEYWORDS)
    .filter(([key]) => key.startsWith(start))
    .map(([key, { hint }]) => option(`${key}:`, hint, true))
  if (start === '') return keywords
  const fitting = paths.filter(
    ({ path, title }) => path.toLowerCase().includes(start) || title.toLowerCase().startsWith(start),
  )
  /** Places that begin with what was typed come before those that only contain it. */
  const rank = (path: string) => (path.toLowerCase().startsWith(start) ? 0 : 1)
  // The list shows job types by their names, so people look for these. As a word they would find nothing, because words
  // are looked for in titles, parameters and errors.
  const named = start.length < LEAST_OF_A_TYPE ? [] : fittingTypes(types, start)
  return [
    ...keywords,
    ...named.map(({ name, displayName }) => option(`type:${name}`, displayName)),
    ...fitting
      .sort((a, b) => rank(a.path) - rank(b.path))
      .map(({ path, title }) => option(`${keyOf(path, isReserved)}:`, title || 'Parameter', true)),
  ]
}

/** Suggestions for the value after a key and its colon. */
function values(key: string, typed: string, { types, paths }: Known): Option[] {
  const start = typed.replace(/^[<>"]/, '').toLowerCase()
  const fits = (...texts: string[]) => texts.some((one) => one.toLowerCase().includes(start))
  switch (key.toLowerCase()) {
    case 'status':
      return STATUSES.map(slugOf)
        .filter((slug) => fits(slug))
        .map((slug) => option(slug))
    case 'priority':
      return PRIORITIES.map(slugOf)
        .filter((slug) => fits(slug))
        .map((slug) => option(slug))
    case 'type':
      return typeOptions(types, start)
    case 'why':
      return CODES.filter((code) => fits(reasonWord(code), reasonLabel(code))).map((code) =>
        option(reasonWord(code), reasonLabel(code)),
      )
    case 'waiting':
      return SPANS.filter((span) => fits(span)).map((span) => option(`>${span}`))
    case 'created':
    case 'ended':
    case 'failed':
      return SPANS.filter((span) => fits(span)).map((span) => option(span))
    case 'by':
      return fits('me') ? [option('me')] : []
    default: {
      const path = paths.find((one) => one.path === pathIn(key))
      return (path?.values ?? []).filter((value) => fits(value)).map((value) => option(quoted(value)))
    }
  }
}

/**
 * Suggests job types whose name or display name matches. The shared beginnings of several names come first, such as
 * `report.*`.
 */
function typeOptions(types: Known['types'], start: string): Option[] {
  const fitting = fittingTypes(types, start)
  const counts = new Map<string, number>()
  for (const { name } of fitting) {
    const group = /^[^.]+\./.exec(name)?.[0]
    if (group?.startsWith(start)) counts.set(group, (counts.get(group) ?? 0) + 1)
  }
  const groups = [...counts]
    .filter(([, count]) => count > 1)
    .map(([group, count]) => option(`${group}*`, `${count} job types`))
  return [...groups, ...fitting.map(({ name, displayName }) => option(name, displayName))]
}

const fittingTypes = (types: Known['types'], start: string) =>
  types.filter(({ name, displayName }) => name.includes(start) || displayName.toLowerCase().includes(start))

const option = (text: string, note = '', more = false): Option => ({ text, label: text, note, more })

/** The search after a suggestion was taken, and the new place of the caret. */
export function taken(
  text: string,
  { from, to }: Completion,
  { text: insert, more }: Option,
): { text: string; caret: number } {
  const rest = text.slice(to)
  const gap = more || rest.startsWith(' ') ? '' : ' '
  return { text: text.slice(0, from) + insert + gap + rest, caret: from + insert.length + (more ? 0 : 1) }
}
