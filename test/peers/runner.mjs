/** Goes through the cases of ../shared/peers/cases.json and sorts what came of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkChecksum } from './checksum.mjs';
import { checkContainer } from './container.mjs';
import { checkDecode } from './decode.mjs';
import { checkDuplicates, checkOverlap, checkPcapPlusPlus, checkTfo } from './reassembly.mjs';
import { checkConnLog, checkSpecial } from './summary.mjs';
import { checkSuricata } from './suricata.mjs';

const folder = fileURLToPath(new URL('../../../shared/peers/', import.meta.url));
const list = join(folder, 'cases.json');

/** By the kind of a case, in the order in which the groups are printed. */
const CHECKS = {
  decode: checkDecode,
  checksum: checkChecksum,
  'pcapng-container': checkContainer,
  'conn_state+history+bytes': checkConnLog,
  special: checkSpecial,
  overlap: checkOverlap,
  duplicates: checkDuplicates,
  tfo: checkTfo,
  reassembly: checkPcapPlusPlus,
  'stream-engine': checkSuricata,
};

/** Whether the cases are there: they are not part of the package. */
export const isPresent = existsSync(list);
export const missingNotice = `${list} is absent: the peers' cases are skipped.`;

/**
 * @param only run the cases whose id contains this; null for all
 * @returns `{ id, kind, outcome, failures, reason, applicable, notApplicable }` of every case, `outcome` one of `passed`,
 *   `known` (differs exactly as known-differences.json says), `failed`, `not applicable`
 */
export function run(lib, only = null) {
  const cases = JSON.parse(readFileSync(list, 'utf8'));
  const known = JSON.parse(readFileSync(new URL('known-differences.json', import.meta.url), 'utf8'));
  const byId = new Map(known.map((entry) => [entry.id, entry]));
  const results = [];
  for (const one of cases) {
    if (only !== null && !one.id.includes(only)) continue;
    const checked = { applicable: 1, notApplicable: 0, ...CHECKS[one.kind](lib, one, join(folder, one.file)) };
    results.push({ id: one.id, kind: one.kind, ...checked, ...judge(checked, byId.get(one.id)) });
  }
  if (only === null) {
    const ids = new Set(cases.map(({ id }) => id));
    for (const { id } of known) {
      if (!ids.has(id)) throw new Error(`known-differences.json speaks of ${id}, which is no case`);
    }
  }
  return results;
}

function judge({ failures, applicable }, entry) {
  if (entry?.isNotApplicable) return { outcome: 'not applicable', reason: entry.reason };
  if (entry === undefined) {
    if (failures.length > 0) return { outcome: 'failed' };
    return { outcome: applicable === 0 ? 'not applicable' : 'passed' };
  }
  // A difference that is new, and one that is gone, both want to be looked at.
  const unexpected = failures.filter((text) => !entry.differs.includes(text));
  const gone = entry.differs.filter((text) => !failures.includes(text)).map((text) => `no longer differs: ${text}`);
  if (unexpected.length + gone.length > 0) return { outcome: 'failed', failures: [...unexpected, ...gone] };
  return { outcome: 'known', reason: entry.reason };
}

/** One line for each group. */
export function summarize(results) {
  const lines = [];
  for (const kind of Object.keys(CHECKS)) {
    const group = results.filter((result) => result.kind === kind);
    if (group.length === 0) continue;
    const count = (outcome) => group.filter((result) => result.outcome === outcome).length;
    const parts = [`${count('passed')} passed`, `${count('failed')} failed`];
    if (count('known') > 0) parts.push(`${count('known')} differ as known`);
    if (count('not applicable') > 0) parts.push(`${count('not applicable')} not applicable`);
    const sum = (name) => group.reduce((total, result) => total + result[name], 0);
    if (sum('notApplicable') > 0)
      parts.push(`(checks: ${sum('applicable')} made, ${sum('notApplicable')} not applicable)`);
    lines.push(`${kind.padEnd(26)} ${parts.join(', ').replace(', (', ' (')}`);
  }
  return lines;
}
