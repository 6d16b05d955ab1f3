import { useEffect, useRef } from 'preact/hooks';

/** A drawing of the engine, which is SVG: its colours and fonts are those of the page. */
export function Drawing({ svg, onPacket }: { svg: string; onPacket: (packet: number) => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (parsed.nodeName !== 'svg') return;
    place.current!.replaceChildren(document.importNode(parsed, true));
  }, [svg]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table of packets has the keys
    <div
      class="drawing"
      ref={place}
      tabIndex={0}
      role="group"
      aria-label="drawing"
      onClick={(event) => {
        const packet = (event.target as Element).closest('[data-packet]')?.getAttribute('data-packet');
        if (packet != null) onPacket(Number(packet));
      }}
    />
  );
}
