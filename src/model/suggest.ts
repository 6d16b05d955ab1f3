/** Nobody mistypes a longer name, and comparing takes time that grows with the length. */
const LONGEST = 100;

/** The one of `names` that `wrong` was probably meant to be, or null when none is near. */
export function nearest(wrong: string, names: Iterable<string>): string | null {
  if (wrong.length > LONGEST) return null;
  const asked = plain(wrong);
  let best: string | null = null;
  let least = Math.max(2, Math.floor(asked.length / 3)) + 1;
  for (const name of names) {
    const known = plain(name);
    const apart = known.startsWith(asked) && asked.length >= 3 ? 1 : editDistance(asked, known);
    if (apart < least) {
      least = apart;
      best = name;
    }
  }
  return best;
}

/** ` (did you mean NAME?)`, or nothing. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const best = nearest(wrong, names);
  return best === null ? '' : ` (did you mean ${best}?)`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

/** Edits (a letter more, less, other, or two swapped) that lead from one to the other: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + other);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
