import { useEffect, useRef } from 'preact/hooks';

interface DrawingProps {
  /** What a screen reader calls it. */
  readonly label: string;
  readonly svg: string;
  /** Number of the chosen packet, null none. */
  readonly packet: number | null;
  readonly onPacket: (packet: number) => void;
  /** The pointer is over a packet, or over none any longer. */
  readonly onPoint: (packet: number | null) => void;
}

/** A drawing of the engine, which is SVG: its colours and fonts are those of the page. */
export function Drawing({ label, svg, packet, onPacket, onPoint }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (parsed.nodeName !== 'svg') return;
    place.current!.replaceChildren(document.importNode(parsed, true));
  }, [svg]);
  useEffect(() => {
    const element = place.current!;
    for (const old of element.querySelectorAll('.chosen')) old.classList.remove('chosen');
    if (packet === null) return;
    const chosen = element.querySelectorAll(`[data-packet="${packet}"]`);
    for (const part of chosen) part.classList.add('chosen');
    if (chosen.length > 0) bringIntoSight(element, chosen[0]);
  }, [svg, packet]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table of packets has the keys
    <div
      class="drawing"
      ref={place}
      tabIndex={0}
      role="group"
      aria-label={label}
      onClick={(event) => {
        const clicked = packetAt(event);
        if (clicked !== null) onPacket(clicked);
      }}
      onPointerMove={(event) => onPoint(packetAt(event))}
      onPointerLeave={() => onPoint(null)}
    />
  );
}

function packetAt({ target }: Event): number | null {
  const text = (target as Element).closest('[data-packet]')?.getAttribute('data-packet');
  return text == null ? null : Number(text);
}

/** Scrolls the drawing, and not the page. */
function bringIntoSight(scroller: Element, part: Element): void {
  const [outer, inner] = [scroller.getBoundingClientRect(), part.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom)
    scroller.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}
