#!/usr/bin/env node
import('../dist/bundle/main.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error;
    process.stderr.write('tcpscope: not built yet (dist/ is missing). Run: npm run build\n');
    process.exitCode = 3;
  },
);
