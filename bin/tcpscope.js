#!/usr/bin/env node
import module from 'node:module';

// Node 22 keeps what it has compiled for the next start, as tsc and npm have it do; older ones know nothing of it.
module.enableCompileCache?.();

import('../dist/bundle/main.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    // 70: a mistake of tcpscope itself (EX_SOFTWARE). 1 would be the answer of a check.
    process.exitCode = 70;
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) console.error(error);
    else process.stderr.write('tcpscope: not built yet (dist/ is missing). Run: npm run build\n');
  },
);
