'use client'

import { CopyButton } from './copy-button'

/**
 * Shows a text that people copy as it is, such as a key, a link or a command. It is shown whole, with a button that
 * copies it.
 */
export function CopyLine({ name, text }: { name: string; text: string }) {
  return (
    <div className="min-w-0">
      <div className="mb-1.5 text-sm font-medium">{name}</div>
      <div className="flex items-start gap-1 rounded border border-line-strong bg-sunken py-1 pr-1 pl-2.5">
        <code className="min-w-0 flex-1 py-1 font-mono text-xs/5 wrap-anywhere whitespace-pre-wrap select-all">
          {text}
        </code>
        <CopyButton text={text} label={`Copy ${name.toLowerCase()}`} />
      </div>
    </div>
  )
}
