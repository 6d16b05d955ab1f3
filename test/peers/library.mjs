/**
 * The parts of tcpscope that the checks use, and what they all do with them. `load` takes them from a build; the test
 * brings its own.
 */
import { readFileSync } from 'node:fs';

/** @param base URL of the folder with the built modules, with a slash at its end */
export async function load(base) {
  const from = (path) => import(new URL(path, base).href);
  return {
    ...(await from('analyze.js')),
    ...(await from('capture/reader.js')),
    ...(await from('decode/decoder.js')),
    ...(await from('decode/tcp-option-list.js')),
    ...(await from('filter/compile.js')),
    ...(await from('model/ending.js')),
    ...(await from('model/flags.js')),
    ...(await from('model/segment.js')),
    ...(await from('model/state.js')),
    ...(await from('model/verdict.js')),
    ...(await from('render/tcpdump.js')),
    ...(await from('tcp/history.js')),
    ...(await from('tcp/reassembler.js')),
  };
}

/** Reads a capture into `sink`; returns the reader, and the error of a file that is no capture. */
export function read(lib, path, sink) {
  const reader = new lib.CaptureReader(sink);
  let error = null;
  try {
    reader.open(path);
    reader.write(readFileSync(path));
    reader.end();
  } catch (thrown) {
    if (thrown.name !== 'CaptureError') throw thrown;
    error = thrown;
  }
  return { reader, error };
}

/** Calls `visit(view)` for every record. */
export function decode(lib, path, visit) {
  const view = new lib.SegmentView();
  const decoder = new lib.Decoder();
  return read(lib, path, {
    record(record) {
      decoder.decode(record, view);
      visit(view);
    },
  });
}

/** The whole analysis of a capture, with its rows. */
export function analyze(lib, path, options = {}) {
  const rows = [];
  const analyzer = new lib.Analyzer({ ...options, onRow: (row) => rows.push(row) });
  const { reader, error } = read(lib, path, analyzer);
  analyzer.end();
  return { analyzer, connections: analyzer.selected, rows, reader, error };
}

/** Adds `name: expected X, got Y` to `failures` unless they are the same. */
export function compare(failures, name, expected, actual) {
  const theirs = JSON.stringify(expected);
  const ours = JSON.stringify(actual);
  if (theirs !== ours) failures.push(`${name}: expected ${theirs}, got ${ours}`);
}
