import type { Config } from 'tailwindcss'

/**
 * The design system. Colours are meanings, not hues: each is a CSS variable of app/globals.css that
 * light and dark fill differently, so no component ever asks which of the two it is in.
 */
const token = (name: string) => `var(--${name})`
const tone = (name: string) => ({ DEFAULT: token(name), soft: token(`${name}-soft`) })

export default {
  content: ['./app/**/*.{ts,tsx}'],
  theme: {
    colors: {
      transparent: 'transparent',
      current: 'currentColor',
      // Grounds, from back to front
      sunken: token('sunken'),
      canvas: token('canvas'),
      surface: token('surface'),
      raised: token('raised'),
      hover: token('hover'),
      scrim: token('scrim'),
      // Lines: a divider, and the edge of a control (3:1 on every ground)
      line: { DEFAULT: token('line'), strong: token('line-strong') },
      // Text, from strong to quiet; each reaches 4.5:1 on every ground above
      ink: token('ink'),
      muted: token('muted'),
      faint: token('faint'),
      // What can be acted on
      accent: { ...tone('accent'), ink: token('accent-ink') },
      primary: { DEFAULT: token('primary'), ink: token('primary-ink'), hover: token('primary-hover') },
      danger: { ...tone('dead'), fill: token('danger-fill'), ink: token('danger-ink') },
      // One tone a status
      pending: tone('pending'),
      queued: tone('queued'),
      running: tone('running'),
      completed: tone('completed'),
      failed: tone('failed'),
      timedout: tone('timedout'),
      canceled: tone('canceled'),
      dead: tone('dead'),
      // What holds work back or needs care, which is no status
      warn: tone('warn'),
      // Areas of charts and bars: they carry no text, so they may be livelier
      bar: {
        completed: token('bar-completed'),
        failed: token('bar-failed'),
        dead: token('bar-dead'),
        wait: token('bar-wait'),
      },
    },
    fontFamily: {
      sans: ['var(--font-inter)', 'var(--font-inter-ext)', 'ui-sans-serif', 'system-ui', 'sans-serif'],
      mono: ['var(--font-mono)', 'ui-monospace', 'SFMono-Regular', 'Menlo', 'monospace'],
    },
    fontSize: {
      '2xs': ['0.6875rem', '1rem'],
      xs: ['0.75rem', '1rem'],
      sm: ['0.8125rem', '1.25rem'],
      base: ['0.875rem', '1.25rem'],
      lg: ['1rem', '1.5rem'],
      xl: ['1.25rem', '1.75rem'],
      '2xl': ['1.5rem', '2rem'],
    },
    borderRadius: {
      none: '0',
      sm: '0.25rem',
      DEFAULT: '0.375rem',
      md: '0.5rem',
      lg: '0.625rem',
      full: '9999px',
    },
    boxShadow: {
      none: 'none',
      card: '0 1px 2px 0 var(--shadow)',
      pop: '0 8px 24px -4px var(--shadow), 0 2px 6px -2px var(--shadow)',
    },
    extend: {
      spacing: {
        /** Height of a control, of a table row. */
        control: '2rem',
        row: '2.25rem',
        /** Padding of a page at its edge. */
        page: '1.5rem',
      },
      gridTemplateColumns: {
        /** Navigation and page; what is read and what stands beside it. */
        shell: '14rem minmax(0, 1fr)',
        aside: 'minmax(0, 1fr) 20rem',
      },
      maxWidth: { content: '90rem' },
    },
  },
} satisfies Config
