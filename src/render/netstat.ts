import { STATE_NAMES, State } from '../model/state.ts';
import type { SocketEntry } from '../sockets.ts';

export type NetstatFlavour = 'linux' | 'macos';

const LINUX_STATES: Readonly<Record<number, string>> = {
  [State.CLOSED]: 'CLOSE',
  [State.LISTEN]: 'LISTEN',
  [State.SYN_SENT]: 'SYN_SENT',
  [State.SYN_RECEIVED]: 'SYN_RECV',
  [State.ESTABLISHED]: 'ESTABLISHED',
  [State.FIN_WAIT_1]: 'FIN_WAIT1',
  [State.FIN_WAIT_2]: 'FIN_WAIT2',
  [State.CLOSE_WAIT]: 'CLOSE_WAIT',
  [State.CLOSING]: 'CLOSING',
  [State.LAST_ACK]: 'LAST_ACK',
  [State.TIME_WAIT]: 'TIME_WAIT',
};

const MACOS_STATES: Readonly<Record<number, string>> = {
  ...LINUX_STATES,
  [State.CLOSED]: 'CLOSED',
  [State.SYN_RECEIVED]: 'SYN_RCVD',
  [State.FIN_WAIT_1]: 'FIN_WAIT_1',
  [State.FIN_WAIT_2]: 'FIN_WAIT_2',
};

/** The lines above the sockets: as `netstat -tan` of Linux prints them, or `netstat -an -p tcp` of macOS. */
export function netstatHeader(flavour: NetstatFlavour): string[] {
  return flavour === 'linux'
    ? [
        'Active Internet connections (servers and established)',
        'Proto Recv-Q Send-Q Local Address           Foreign Address         State',
      ]
    : [
        'Active Internet connections (including servers)',
        'Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)',
      ];
}

/** One socket. What waits in Recv-Q for the application no capture shows: it is 0. */
export function netstatLine(socket: SocketEntry, flavour: NetstatFlavour): string {
  return flavour === 'linux' ? linuxLine(socket) : macosLine(socket);
}

function linuxLine(socket: SocketEntry): string {
  const local = `${socket.localAddress}:${socket.localPort}`;
  const any = socket.ipVersion === 6 ? ':::*' : '0.0.0.0:*';
  const remote = socket.remoteAddress === null ? any : `${socket.remoteAddress}:${socket.remotePort}`;
  const protocol = socket.ipVersion === 6 ? 'tcp6' : 'tcp';
  const queue = String(socket.sendQueue).padStart(6);
  return `${protocol.padEnd(4)}       0 ${queue} ${local.padEnd(23)} ${remote.padEnd(23)} ${LINUX_STATES[socket.state]}`;
}

function macosLine(socket: SocketEntry): string {
  const local = `${socket.localAddress}.${socket.localPort}`;
  const remote = socket.remoteAddress === null ? '*.*' : `${socket.remoteAddress}.${socket.remotePort}`;
  const protocol = socket.ipVersion === 6 ? 'tcp6' : 'tcp4';
  const queue = String(socket.sendQueue).padStart(6);
  return `${protocol.padEnd(5)}      0 ${queue}  ${local.padEnd(22)} ${remote.padEnd(22)} ${MACOS_STATES[socket.state]}`;
}

/** By local port, so that the server comes first; sockets that listen before the others on Linux, after them on macOS. */
export function netstatOrder(sockets: readonly SocketEntry[], flavour: NetstatFlavour): SocketEntry[] {
  const listenFirst = flavour === 'linux' ? 1 : -1;
  return [...sockets].sort(
    (a, b) =>
      listenFirst * (Number(b.remoteAddress === null) - Number(a.remoteAddress === null)) ||
      a.localPort - b.localPort ||
      (a.stream ?? 0) - (b.stream ?? 0),
  );
}

/** A socket as it is written in JSON, its state by its name. */
export function socketObject(socket: SocketEntry): Record<string, unknown> {
  const { state, ...rest } = socket;
  return { ...rest, state: STATE_NAMES[state] };
}
