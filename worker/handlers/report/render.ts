import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { TDocumentDefinitions } from 'pdfmake/interfaces'

/** Turns a document definition into the bytes of a PDF, with its fonts embedded. */
export async function renderPdf(definition: TDocumentDefinitions): Promise<Uint8Array> {
  const { default: pdfmake } = await import('pdfmake')
  const normal = fontFile('Roboto-Regular.ttf')
  const bold = fontFile('Roboto-Medium.ttf')
  const folder = dirname(normal)
  pdfmake.setFonts({ Roboto: { normal, bold, italics: normal, bolditalics: bold } })
  // A document contains text that users wrote, so it may read its own fonts and nothing else.
  pdfmake.setLocalAccessPolicy((path) => dirname(path) === folder)
  pdfmake.setUrlAccessPolicy(() => false)
  return pdfmake.createPdf(definition).getBuffer()
}

const fontFile = (name: string) => createRequire(import.meta.url).resolve(`pdfmake/fonts/Roboto/${name}`)
