import { enableCompileCache } from 'node:module';

// The compile cache makes the difference between 0.24 s and 0.07 s for a short command. `./drover` has it on before this file; tasks are not to have it.
enableCompileCache();
delete process.env['NODE_COMPILE_CACHE'];
const [{ main }, { thisMachine }] = await Promise.all([import('./cli/main.ts'), import('./server/this-machine.ts')]);
process.exitCode = await main(process.argv.slice(2), thisMachine(process.env));
// When all is written, taking the process down piece by piece would only take time; a slow reader of a pipe still gets everything.
if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
