import { COSTLY_KINDS, type CostlyKind } from '../../messages/answer.ts';
import { ANSWER } from '../../messages/en/answer.ts';
import { PAGES } from '../../messages/en/pages/index.ts';
import { use } from '../../messages/en/story/words.ts';
import type { Page } from '../../messages/page.ts';
import type { Owner, TimeCause } from '../../model/budget.ts';

/** What is said of a finding of this identifier in general; null where there is none. */
export function pageOf(id: string): Page | null {
  return Object.hasOwn(PAGES, id) ? PAGES[id as keyof typeof PAGES] : null;
}

function isCostly(kind: string): kind is CostlyKind {
  return (COSTLY_KINDS as readonly string[]).includes(kind);
}

/** A kind of trouble in a few words, as the terminal has it. */
export function kindText(kind: string): string {
  if (isCostly(kind)) return ANSWER.kinds[kind];
  const title = pageOf(kind)?.title ?? kind;
  return /^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
}

/** Why a connection lost most of its time. */
export function becauseText(kind: CostlyKind, nanoseconds: number): string {
  return ANSWER.because[kind](nanoseconds);
}

export function useText(owner: Owner, cause: TimeCause): string {
  return use(owner, cause);
}
