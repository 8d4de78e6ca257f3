import type { TDocumentDefinitions } from 'pdfmake/interfaces'
import { FONTS, isFontFile } from './fonts'

/** Turns a document definition into the bytes of a PDF, with its fonts embedded. */
export async function renderPdf(definition: TDocumentDefinitions): Promise<Uint8Array> {
  const { default: pdfmake } = await import('pdfmake')
  pdfmake.setFonts(FONTS)
  // A document contains text that users wrote, so it may read its own fonts and nothing else.
  pdfmake.setLocalAccessPolicy(isFontFile)
  pdfmake.setUrlAccessPolicy(() => false)
  return pdfmake.createPdf(definition).getBuffer()
}
