import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/sys/class/net';

let names: Map<number, string> | null = null;

/**
 * The name of this host's interface of that number, as tcpdump looks it up for the second Linux cooked header, which has
 * the number only; null when there is none, and on systems other than Linux.
 */
export function interfaceNameOf(index: number): string | null {
  names ??= new Map(listed());
  return names.get(index) ?? null;
}

function* listed(): Generator<[index: number, name: string]> {
  try {
    for (const name of readdirSync(FOLDER)) yield [Number(readFileSync(`${FOLDER}/${name}/ifindex`, 'utf8')), name];
  } catch {
    // Not Linux, or an interface that went away meanwhile.
  }
}
