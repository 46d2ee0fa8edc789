#!/usr/bin/env node
// The published entry: runs the built JavaScript with the Node that the package brings when the one at hand is older than 24.
const { spawn } = require('node:child_process');
const { join } = require('node:path');

if (process.platform !== 'linux') {
  console.error(`drover: runs on Linux only (this is ${process.platform}); use a Linux machine, a virtual machine or a container`);
  process.exit(1);
}
const main = join(__dirname, '../dist/main.js');
if (Number(process.versions.node.split('.')[0]) >= 24) {
  void import(require('node:url').pathToFileURL(main).href);
} else {
  let node;
  try {
    node = require.resolve(`node-linux-${process.arch}/bin/node`);
  } catch {
    console.error(`drover: needs Node 24 or newer (this is ${process.version}), and the package node-linux-${process.arch} that would bring it is not installed`);
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code)));
}
