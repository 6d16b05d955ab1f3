import { IN_ENGLISH, type Language } from './message.ts';
import { CHINESE } from './zh/index.ts';

export const LANGUAGE_NAMES = ['en', 'zh'] as const;
export type LanguageName = (typeof LANGUAGE_NAMES)[number];

/** The languages in which a connection can be told. */
export const LANGUAGES: Readonly<Record<LanguageName, Language>> = {
  en: IN_ENGLISH,
  zh: CHINESE,
};
