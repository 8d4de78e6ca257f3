import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from '../launcher/paths.mjs'

// What the documents name must be there: numbered rules, links, paths of files, and titles of tests.

const MADE_BY_TOOLS = new Set(['node_modules', '.git', '.next', '.local', 'dist', 'generated', 'test-results'])
/** Handlers of whoever works here, which git ignores. */
const OWN_HANDLERS = 'handlers'
const TEXT = /\.(ts|tsx|mjs|cjs|js|md|prisma|sql|css|html|ya?ml)$/
/** Not ours to word: the data of others, and migrations, whose text is compared with what was applied. */
const LEFT_AS_THEY_ARE = ['testing/json-schema-suite/', 'prisma/migrations/']

/**
 * Every file below a folder, as a path from the root of the repository.
 * @param {string} [folder]
 * @returns {string[]}
 */
function filesBelow(folder = '') {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE_BY_TOOLS.has(name) && (folder !== '' || name !== OWN_HANDLERS))
    .flatMap((entry) => {
      const here = path.posix.join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(here) : [here]
    })
}

const files = filesBelow()
const folders = new Set(files.flatMap((file) => parents(file)))
const topFolders = new Set([...folders].filter((folder) => !folder.includes('/')))
const documents = files.filter((file) => file.endsWith('.md') && (file.startsWith('docs/') || file === 'README.md'))

/** @param {string} file @returns {string[]} */
function parents(file) {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** @param {string} file */
const read = (file) => readFileSync(path.join(root, file), 'utf8')

/**
 * Every match in a text, each with the line it is on.
 * @param {string} text
 * @param {RegExp} pattern
 */
const matches = (text, pattern) =>
  [...text.matchAll(pattern)].map((match) => ({ match, line: text.slice(0, match.index).split('\n').length }))

/** A document without its listings, line for line. @param {string} text */
const withoutListings = (text) => text.replace(/^ *```[\s\S]*?^ *```/gm, (listing) => listing.replace(/[^\n]/g, ''))

const sources = files.filter((file) => TEXT.test(file) && !LEFT_AS_THEY_ARE.some((place) => file.startsWith(place)))

describe('rules of the specification', () => {
  it('every rule that is cited anywhere in the repository has its heading in docs/specification.md', () => {
    const headings = matches(read('docs/specification.md'), /^#+ Rule (\d+(?:\.\d+)?): /gm)
    const rules = new Set(headings.map(({ match }) => match[1]))
    const unknown = sources.flatMap((file) =>
      matches(read(file), /\brules? (\d+(?:\.\d+)?)/gi)
        .filter(({ match }) => !rules.has(match[1]))
        .map(({ match, line }) => `${file}:${line} cites ${match[0]}`),
    )
    expect(unknown).toEqual([])
  })

  it('no file cites a specification that is not in the repository', () => {
    const cited = sources.flatMap((file) =>
      matches(read(file), /\bSPEC(?:\.md|,)? §?\d|\bSPEC\.md\b/g).map(
        ({ match, line }) => `${file}:${line} cites ${match[0]}`,
      ),
    )
    expect(cited.filter((text) => !text.startsWith('docs/documents.test.mjs'))).toEqual([])
  })

  it('no document cites a rule by its bare number in brackets', () => {
    const bare = documents.flatMap((file) =>
      matches(read(file), /\(4\.\d+[\d., ]*\)/g).map(({ match, line }) => `${file}:${line} has ${match[0]}`),
    )
    expect(bare).toEqual([])
  })
})

describe('links and paths in documents', () => {
  it('every link leads to a file of the repository, and to a heading that the file has', () => {
    const broken = documents.flatMap((file) =>
      matches(withoutListings(read(file)), /\]\(([^)\s]+)\)/g)
        .filter(({ match }) => !leadsSomewhere(file, match[1] ?? ''))
        .map(({ match, line }) => `${file}:${line} links to ${match[1]}`),
    )
    expect(broken).toEqual([])
  })

  it('every path that stands in backticks is that of a file or folder of the repository', () => {
    const missing = documents.flatMap((file) =>
      passages(withoutListings(read(file))).flatMap(({ line, text }) => {
        const named = [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
        // What a reader makes there is in no repository.
        const paths = named.filter((name) => looksLikePath(name) && !name.startsWith(`${OWN_HANDLERS}/`))
        return paths
          .filter((name, place) => !isThere(file, name, paths.slice(0, place)))
          .map((name) => `${file}:${line} names ${name}`)
      }),
    )
    expect(missing).toEqual([])
  })
})

describe('decision records', () => {
  it('every record that code or a document cites by its number is in docs/decisions', () => {
    const records = new Set(
      // The four digits after `docs/decisions/`.
      files.filter((file) => file.startsWith('docs/decisions/')).map((file) => file.slice(15, 19)),
    )
    const unknown = sources.flatMap((file) =>
      matches(read(file), /\bdecisions\/(\d{4})\b/g)
        .filter(({ match }) => !records.has(match[1] ?? ''))
        .map(({ match, line }) => `${file}:${line} cites ${match[0]}`),
    )
    expect(unknown).toEqual([])
  })
})

describe('titles of tests in documents', () => {
  it('every test that docs/guarantees.md names by its title exists in the file that it names', () => {
    const named = matches(read('docs/guarantees.md'), /\| `(\S+)` › (.+?) \|$/gm)
    expect(named.length).toBeGreaterThan(0)
    const missing = named.flatMap(({ match: [, name = '', title = ''], line }) => {
      const found = files.filter((file) => endsWith(file, name))
      if (found.length !== 1) return [`line ${line}: ${found.length} files are named ${name}`]
      const titles = titlesIn(found[0] ?? '')
      return title
        .split(' > ')
        .filter((part) => !titles.some((pattern) => pattern.test(part)))
        .map((part) => `line ${line}: ${found[0]} has no test “${part}”`)
    })
    expect(missing).toEqual([])
  })
})

/** @param {string} file the document @param {string} target what the link says */
function leadsSomewhere(file, target) {
  if (/^[a-z]+:/.test(target)) return true
  const [to = '', anchor] = target.split('#')
  const linked = to === '' ? file : path.posix.join(path.posix.dirname(file), to).replace(/\/$/, '')
  if (!files.includes(linked) && !folders.has(linked)) return false
  if (anchor === undefined) return true
  return matches(withoutListings(read(linked)), /^#+ (.+)$/gm).some(({ match }) => anchorOf(match[1] ?? '') === anchor)
}

/** As GitHub makes it. @param {string} heading */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
    .replaceAll(' ', '-')

/** Files that a reader is told to make, and those that tools make. */
const MADE_BY_READERS = new Set(['digest.failures.ts', 'hello.mjs', 'service.mjs'])

/** @param {string} text */
function looksLikePath(text) {
  if (!/^[\w@()[\]-][\w@.()[\]-]*(\/[\w@.()[\]-]+)*\/?$/.test(text) || MADE_BY_READERS.has(text)) return false
  const first = text.split('/')[0] ?? ''
  if (MADE_BY_TOOLS.has(first)) return false
  return /\.(ts|tsx|mjs|cjs|md|sql|prisma)$/.test(text) || (text.includes('/') && topFolders.has(first))
}

/**
 * A path may leave out its first folders, where the document says below which it is. A bare name is that of a file
 * beside the document, at the top, below the folder to which the document says its paths belong, or in a folder that
 * the same paragraph or row has named before.
 * @param {string} document
 * @param {string} text
 * @param {string[]} before paths that stand earlier there
 */
function isThere(document, text, before) {
  const name = text.replace(/\/$/, '')
  if (text.includes('/')) return [...files, ...folders].some((file) => endsWith(file, name))
  const below = /Paths are below\s`([^`]+)\/`/.exec(read(document))?.[1] ?? '.'
  const named = before.flatMap((earlier) => [
    ...files.filter((file) => endsWith(file, earlier)).map((file) => path.posix.dirname(file)),
    ...[...folders].filter((folder) => endsWith(folder, earlier.replace(/\/$/, ''))),
  ])
  const places = ['.', path.posix.dirname(document), below, ...named]
  return places.some((place) => files.includes(path.posix.join(place, name)))
}

/**
 * What is read together: a paragraph, a point of a list, or a row of a table; each with its first line.
 * @param {string} text
 */
function passages(text) {
  /** @type {{ line: number, text: string }[]} */
  const found = []
  let open = false
  for (const [index, line] of text.split('\n').entries()) {
    const begins = !open || /^(\||#| *[-\d])/.test(line)
    if (line.trim() && begins) found.push({ line: index + 1, text: line })
    const last = found.at(-1)
    if (line.trim() && !begins && last) last.text += `\n${line}`
    open = line.trim() !== ''
  }
  return found
}

/** @param {string} file @param {string} end */
const endsWith = (file, end) => file === end || file.endsWith(`/${end}`)

/**
 * Titles of the tests and groups of a file; what is filled in (%s, $name, ${…}) may be anything.
 * @param {string} file
 */
function titlesIn(file) {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true)
  /** @type {RegExp[]} */
  const titles = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && /^(it|test|describe)\b/.test(node.expression.getText())) {
      const title = node.arguments[0]
      if (title && ts.isStringLiteralLike(title)) titles.push(patternOf(title.text))
      if (title && ts.isTemplateExpression(title)) {
        const pieces = [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)]
        titles.push(patternOf(pieces.join('%s')))
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return titles
}

/** @param {string} title */
const patternOf = (title) =>
  new RegExp(
    `^${title
      .split(/%[a-z]|\$[\w.]+/)
      .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
  )
