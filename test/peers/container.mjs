/** Block-level captures of gopacket, beside what capinfos says of them. */
import { compare, read } from './library.mjs';

const LINK_TYPES = { ether: 1 };

export function checkContainer(lib, { expected }, path) {
  const failures = [];
  let packets = 0;
  const { reader, error } = read(lib, path, { record: () => packets++ });
  const { interfaces, damages } = reader.session.facts;
  const isDamaged = error !== null || damages.length > 0;
  const { encap } = expected.capinfos;
  if (expected.capinfos_rc !== 0) {
    // capinfos gives up; tcpscope may go on after the damage, but must say so.
    compare(failures, 'damage reported', true, isDamaged);
    return { failures };
  }
  compare(failures, 'damage reported', false, isDamaged);
  compare(failures, 'packets', Number(expected.capinfos.packets), packets);
  const types = new Set(interfaces.map(({ linkType }) => linkType));
  if (encap === 'unknown') compare(failures, 'interfaces', 0, interfaces.length);
  else if (encap === 'per-packet') compare(failures, 'link types differ', true, types.size > 1);
  else compare(failures, 'link types', [LINK_TYPES[encap]], [...types]);
  return { failures };
}
