import { ArrowUp, RefreshCw } from 'lucide-react'
import { Button } from '@/app/_components/button'

interface Props {
  /** How many jobs have come since the list was drawn. */
  count: number
  /** How many rows no longer match the filter. */
  gone: number
  /** From this count on it says so with a plus, such as `50+`, because nobody counted further. */
  countedUpTo: number
  onShow: () => void
}

/**
 * Tells what has changed since the list was drawn. It stands at the edge of the table and stays visible while
 * scrolling. It takes no room of its own, so no row moves when it appears.
 */
export function NewJobs({ count, gone, countedUpTo, onShow }: Props) {
  const news = [
    ...(count > 0 ? [`${count >= countedUpTo ? `${countedUpTo}+` : count} new`] : []),
    ...(gone > 0 ? [`${gone} no longer ${gone === 1 ? 'matches' : 'match'}`] : []),
  ]
  const Icon = count > 0 ? ArrowUp : RefreshCw
  return (
    <div className="pointer-events-none sticky top-5 z-20 flex h-0 items-center justify-center">
      {news.length > 0 ? (
        <Button
          size="sm"
          variant="primary"
          className="enter pointer-events-auto rounded-full! shadow-pop"
          title="Draws the list anew"
          onClick={() => {
            onShow()
            if (count > 0) window.scrollTo({ top: 0 })
          }}
        >
          <Icon aria-hidden className="size-3.5!" />
          {news.join(' · ')}
        </Button>
      ) : null}
    </div>
  )
}
