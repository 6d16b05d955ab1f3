import { type Connection, RoleReason } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';

/** Where NFS servers listen (IANA: nfs). */
const NFS_PORT = 2049;
/** The ports that only root of a Unix host may bind, as clients of NFS do to show that root sent the request; servers have those below. */
const FIRST_RESERVED = 512;
const LAST_RESERVED = 1023;
/** Of these ports those where servers listen (IANA: shell, printer, afpovertcp, rtsp, submission, ipp, ldaps, domain-s, rsync, ftps, imaps, pop3s ...). */
const RESERVED_SERVICES: ReadonlySet<number> = new Set([
  512, 513, 514, 515, 543, 544, 548, 554, 563, 587, 591, 593, 631, 636, 853, 860, 873, 902, 989, 990, 992, 993, 994,
  995,
]);

/** Without a handshake the side with the lower port is called the server, but for NFS. */
export function guessRoles(connection: Connection): void {
  const { a, b } = connection;
  if (a.port === b.port) return;
  const [lower, higher] = a.port < b.port ? [a, b] : [b, a];
  connection.assignClient(higher.port === NFS_PORT && isClientOfNfs(lower) ? lower : higher, RoleReason.PORTS);
}

function isClientOfNfs({ port }: Endpoint): boolean {
  return port >= FIRST_RESERVED && port <= LAST_RESERVED && !RESERVED_SERVICES.has(port);
}
