#!/usr/bin/env node
// CommonJS (package.json beside it): Node starts it sooner than a module.
'use strict';
const { load } = require('./bundle.js');

let main;
try {
  ({ main } = load('main.cjs'));
} catch (error) {
  // 70: a mistake of tcpscope itself (EX_SOFTWARE). 1 would be the answer of a check.
  process.exitCode = 70;
  if (error?.code !== 'ENOENT' || !error.path.includes('dist')) console.error(error);
  else process.stderr.write('tcpscope: not built yet (dist/ is missing). Run: npm run build\n');
}
main?.(process.argv.slice(2));
