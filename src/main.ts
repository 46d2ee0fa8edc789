import { enableCompileCache } from 'node:module';

// The compile cache makes the difference between 0.24 s and 0.07 s for a short command.
enableCompileCache();
const { main } = await import('./cli/main.ts');
const code = await main(process.argv.slice(2));
process.exitCode = code;
