/** Zeek's captures with right and wrong checksums. */
import { compare, decode } from './library.mjs';

export function checkChecksum(lib, { expected }, path) {
  const failures = [];
  const { BAD } = lib.ChecksumStatus;
  let badTcp = 0;
  let badIp = 0;
  decode(lib, path, (view) => {
    if (view.tcpChecksumStatus === BAD) badTcp++;
    if (view.ipChecksumStatus === BAD) badIp++;
  });
  if (expected.bad_checksums !== undefined) compare(failures, 'bad checksums', expected.bad_checksums, badTcp + badIp);
  if (expected.weird?.includes('bad_TCP_checksum')) compare(failures, 'bad TCP checksum', true, badTcp > 0);
  if (expected.weird?.includes('bad_IP_checksum')) compare(failures, 'bad IP checksum', true, badIp > 0);
  return { failures };
}
