import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

// Makes dist/, the built JavaScript that the published package carries (Node strips no types below node_modules).
const root = new URL('.', import.meta.url).pathname;
rmSync(`${root}dist`, { recursive: true, force: true });
const built = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', `${root}tsconfig.build.json`], { stdio: 'inherit', cwd: root });
process.exitCode = built.status ?? 1;
