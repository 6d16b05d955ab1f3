import { escapeJson } from '../model/escape.ts';

/** `value` as JSON that is safe on a screen and in a log. One place for all that is printed as JSON. */
export function jsonOf(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, null, indent));
}
