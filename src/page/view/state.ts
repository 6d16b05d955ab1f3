import { computed, signal } from '@preact/signals';
import type { PageData } from '../model.ts';
import type { Details } from './load.ts';

/** What is shown: a capture, and where its connections in full come from. */
export interface Shown {
  readonly page: PageData;
  readonly details: Details;
}

/** Null while there is no capture yet. */
export const shown = signal<Shown | null>(null);

/** The connection and the packet that the address names; null none. */
export interface Place {
  readonly stream: number | null;
  readonly packet: number | null;
}

export const place = signal<Place>(placeOf(location.hash));
addEventListener('hashchange', () => {
  place.value = placeOf(location.hash);
});

function placeOf(hash: string): Place {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const number = (name: string) => {
    const text = given.get(name);
    return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  return { stream: number('stream'), packet: number('packet') };
}

/** The address of a place, as a link has it. */
export function hashOf({ stream, packet }: Place): string {
  if (stream === null) return '#';
  return packet === null ? `#stream=${stream}` : `#stream=${stream}&packet=${packet}`;
}

/** Goes there; a packet is only marked, without a step in the history. */
export function go(to: Place): void {
  const isStep = to.stream !== place.value.stream;
  if (isStep) history.pushState(null, '', hashOf(to));
  else history.replaceState(null, '', hashOf(to));
  place.value = to;
}
addEventListener('popstate', () => {
  place.value = placeOf(location.hash);
});
// A link to where the address is already leads there again.
addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest('a[href]')?.getAttribute('href') : undefined;
  if (link?.startsWith('#') && link === location.hash) place.value = placeOf(link);
});

/** The place that was chosen where it is seen. */
let marked: Place | null = null;

/** Goes to a packet that was chosen in a picture or a table: nothing moves away from below the pointer. */
export function mark(to: Place): void {
  marked = to;
  go(to);
}

/** Whether a link, the address or the history led to the present place, so that it is to be brought into sight. */
export function isJump(): boolean {
  return place.value !== marked;
}

function media(query: string) {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', () => {
    matches.value = list.matches;
  });
  return matches;
}

export const isNarrow = media('(max-width: 720px)');
const isDarkScheme = media('(prefers-color-scheme: dark)');
/** On paper all is light. */
export const isPrinting = signal(false);
for (const [event, begins] of [
  ['beforeprint', true],
  ['afterprint', false],
] as const)
  addEventListener(event, () => {
    // First the colours, then what is drawn with them.
    document.documentElement.classList.toggle('printing', begins);
    isPrinting.value = begins;
  });
export const isDark = computed(() => isDarkScheme.value && !isPrinting.value);

/** What the table of connections is searched for. */
export const search = signal('');
