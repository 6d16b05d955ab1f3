/** Zeek's connection log beside the summary of each connection. */
import { analyze, compare } from './library.mjs';

export function checkConnLog(lib, { expected, flags }, path) {
  const failures = [];
  const isIgnored = /(^| )-[a-z]*C/.test(flags);
  const filter = /-f\s+(?:'([^']*)'|"([^"]*)")/.exec(flags);
  const options = { verifyChecksums: !isIgnored };
  if (filter !== null) options.filter = lib.compileFilter(filter[1] ?? filter[2]);
  const ours = analyze(lib, path, options).connections.map(describe);
  const rows = expected.conn_rows;
  compare(failures, 'connections', expected.conn_rows_total, ours.length);
  if (rows.every((row) => row['id.orig_h'] !== undefined && row['id.resp_h'] !== undefined)) {
    compareByName(rows, ours, failures);
  } else {
    // Without names: Zeek writes a connection when it is over, so the order says nothing.
    compare(failures, 'histories', rows.map((row) => row.history).sort(), ours.map((one) => one.history).sort());
    if (rows.length === 1 && ours.length === 1) compareRow('the connection', rows[0], ours[0], failures);
  }
  return { failures };
}

/** A connection under the names of Zeek's columns. */
export function describe(connection) {
  const { client, server } = connection;
  return {
    'id.orig_h': client.address,
    'id.orig_p': client.port,
    'id.resp_h': server.address,
    'id.resp_p': server.port,
    proto: 'tcp',
    orig_bytes: client.streamBytes,
    resp_bytes: server.streamBytes,
    conn_state: connection.connState,
    missed_bytes: client.missedBytes + server.missedBytes,
    history: connection.historyText,
    orig_pkts: client.packets,
    orig_ip_bytes: client.ipBytes,
    resp_pkts: server.packets,
    resp_ip_bytes: server.ipBytes,
  };
}

/** Of connections between the same sockets the first belongs to the first row. */
function compareByName(rows, ours, failures) {
  const left = [...ours];
  for (const row of rows) {
    const names = ['id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p'].filter((name) => row[name] !== undefined);
    const i = left.findIndex((one) => names.every((name) => one[name] === row[name]));
    const name = `${row['id.orig_h']}:${row['id.orig_p'] ?? '*'} > ${row['id.resp_h']}:${row['id.resp_p']}`;
    if (i < 0) failures.push(`${name}: not found`);
    else compareRow(name, row, left.splice(i, 1)[0], failures);
  }
  for (const one of left) {
    failures.push(
      `${one['id.orig_h']}:${one['id.orig_p']} > ${one['id.resp_h']}:${one['id.resp_p']}: not in Zeek's log`,
    );
  }
}

function compareRow(name, row, ours, failures) {
  for (const column of Object.keys(row)) {
    // Zeek leaves bytes out of connections without a duration. Its duration is not one of our figures.
    if (column === 'duration' || row[column] === null) continue;
    compare(failures, `${name} ${column}`, row[column], ours[column]);
  }
}

/** Zeek's tests of single figures. */
export function checkSpecial(lib, { expected, flags }, path) {
  const failures = [];
  const { connections, analyzer } = analyze(lib, path, { verifyChecksums: !/-C/.test(flags) });
  if (expected.lines !== undefined) {
    // One line of Zeek's output for each packet or connection event: what counts is that none is lost.
    const { counts } = analyzer;
    const decoded = counts.tcp + counts.notTcp + counts.fragments + counts.icmpErrors;
    compare(
      failures,
      'packets accounted for',
      counts.total,
      decoded + counts.cutShort + counts.malformed + counts.unknownLink,
    );
    return { failures };
  }
  const [connection] = connections;
  const ours = describe(connection);
  if (expected.id !== undefined) compare(failures, 'connection', expected.id, nameOf(ours));
  for (const column of ['history', 'conn_state']) {
    if (expected[column] !== undefined) compare(failures, column, expected[column], ours[column]);
  }
  for (const [side, endpoint] of [
    ['orig', connection.client],
    ['resp', connection.server],
  ]) {
    const figures = expected[side];
    if (figures === undefined) continue;
    compare(failures, `${side} size`, figures.size, endpoint.streamBytes);
    compare(failures, `${side} state`, figures.state, endpoint.phase);
    compare(failures, `${side} packets`, figures.num_pkts, endpoint.packets);
    compare(failures, `${side} IP bytes`, figures.num_bytes_ip, endpoint.ipBytes);
  }
  return { failures };
}

export function nameOf(ours) {
  return `${ours['id.orig_h']}:${ours['id.orig_p']}->${ours['id.resp_h']}:${ours['id.resp_p']}`;
}
