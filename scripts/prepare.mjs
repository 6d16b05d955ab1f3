// Builds dist/ after `npm ci`. Without the development dependencies (npm ci --omit=dev) there is no
// compiler and nothing to build: the published package already carries dist/.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

let compiler;
try {
  compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
} catch {
  console.error('tcpscope: typescript is not installed, dist/ is not built');
  process.exit(0);
}
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
process.exit(status ?? 1);
