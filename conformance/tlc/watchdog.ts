// Ends a JVM whose bisim was killed by SIGKILL, which no program can answer itself: a shell that waits on a pipe from
// this process. What must hold: it costs one small process a run, ends with it, and touches nothing but that run.

import { spawn } from 'node:child_process';

/** Reads one line; the end of the pipe without one means that nobody is left to look after the run. */
const script = 'read -r line || { kill -s KILL -- "-$1"; rm -rf -- "$2"; }';

/** Watches the process group `pid`; the answer ends the watch. Where there is no shell there is no watch. */
export function watch(pid: number | undefined, folder: string): () => void {
  if (pid === undefined || process.platform === 'win32') return () => undefined;
  const dog = spawn('/bin/sh', ['-c', script, 'bisim-watchdog', `${pid}`, folder], {
    // Its own group: a Ctrl-C in the terminal is not meant for it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  dog.on('error', () => undefined);
  dog.stdin.on('error', () => undefined);
  dog.unref();
  return () => {
    dog.stdin.end('done\n');
  };
}
