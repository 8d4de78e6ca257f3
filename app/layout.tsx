import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { cn } from './_components/cn'
import { HoldEarlyInput } from './_components/early-input/hold-script'
import { Ready } from './_components/early-input/ready'
import { readTheme, THEME_COOKIE } from './_components/shell/theme'
import './globals.css'

// The fonts come from our own server. The fallback of Inter has the same widths, so the text does not move when the
// font arrives. Only the file with Inter's common letters is preloaded. The others are loaded where a page needs them.
const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-inter',
})
const interExt = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-inter-ext',
  preload: false,
  adjustFontFallback: false,
})
const mono = localFont({
  src: '../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  weight: '100 800',
  variable: '--font-mono',
  preload: false,
})

export const metadata: Metadata = {
  title: { default: 'Jobyard', template: '%s · Jobyard' },
  description: 'Background jobs and the people responsible for them',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  // As `--canvas` in globals.css.
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f9f9fb' },
    { media: '(prefers-color-scheme: dark)', color: '#101116' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Reading the cookie also makes every page dynamic. The nonce of the content security policy needs that.
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value)
  return (
    <html
      lang="en"
      className={cn(inter.variable, interExt.variable, mono.variable, theme !== 'system' && theme)}
      suppressHydrationWarning
    >
      <body className="font-sans">
        <HoldEarlyInput />
        {children}
        <Ready />
      </body>
    </html>
  )
}
