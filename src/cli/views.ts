import type { Analyzer } from '../analyze.ts';
import { UsageError } from '../model/errors.ts';
import { nearest } from '../model/suggest.ts';
import type { ViewOptions } from '../views/stage.ts';
import { isAt } from '../views/vantages.ts';
import type { CaptureOptions } from './options.ts';

/** What `--view` is to say where the packets of every view are wanted. */
export const ALL_VIEWS = 'all';

/** The point of view that the command line chooses, and the names that it gives. `hasAll`: the command can show all views. */
export function viewsOf({ view, interface: interfaceNames }: CaptureOptions, hasAll: boolean): ViewOptions {
  if (view === ALL_VIEWS && !hasAll)
    throw new UsageError('--view all is for packets; the analysis runs on one view: give its name');
  return {
    view: view === ALL_VIEWS ? null : (view ?? null),
    ...(interfaceNames === undefined ? {} : { interfaceNames }),
  };
}

/** @throws UsageError where the capture has no such point of view, or no interface of such a number */
export function requireViews(analyzer: Analyzer, { view = null, interfaceNames }: ViewOptions): void {
  const { vantages, interfaces, counts } = analyzer;
  if (counts.tcp === 0) return;
  const names = vantages.map(({ name }) => name);
  if (view !== null && vantages.length === 0) {
    const [only] = interfaces;
    if (interfaces.length !== 1 || only.name !== view)
      throw new UsageError(`--view ${view}: the capture has one point of view only, and nothing to choose from`);
  } else if (view !== null && !names.includes(view)) {
    const meant = nearest(view, names);
    throw new UsageError(
      `--view ${view}: no packet was seen there${meant === null ? '' : ` (did you mean ${meant}?)`}`,
      `the capture has ${names.join(', ')}`,
    );
  }
  for (const [number, name] of interfaceNames ?? []) {
    if (names.some((vantage) => isAt(vantage, name))) continue;
    const known = interfaces[number]?.name ?? null;
    const why =
      known === null
        ? `no packet was seen at interface ${number}`
        : `interface ${number} has a name in the capture: ${known}`;
    throw new UsageError(
      `--interface ${number}=${name}: ${why}`,
      ...(names.length > 0 ? [`the capture has ${names.join(', ')}`] : []),
    );
  }
}
