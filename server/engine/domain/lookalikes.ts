import unhomoglyph from 'unhomoglyph'

/** The first of other names that people take for this one. Undefined where all can be told apart. */
export function findLookalike(name: string, others: readonly string[]): string | undefined {
  const looks = looksOf(name)
  return others.find((other) => looksOf(other).some((look) => looks.includes(look)))
}

/**
 * What a name looks like: the same for names that people take for each other. It is the skeleton of Unicode's Technical
 * Standard 39, which replaces each letter by the one that it looks like, as Cyrillic А by Latin A. Two of them are
 * made, because letters may look alike only before small and capital ones are made the same, or only after that.
 */
function looksOf(name: string): readonly [string, string] {
  const plain = name.normalize('NFKC')
  return [skeleton(plain.toLowerCase()), skeleton(plain)]
}

const skeleton = (text: string): string => unhomoglyph(text.normalize('NFD')).normalize('NFD').toLowerCase()
