// Ends JVMs with the run they belong to. What must hold: whatever ends this process (Ctrl-C, SIGTERM, an exception),
// no JVM and no working directory of a run stays behind; SIGKILL alone cannot be answered.

import { rmSync } from 'node:fs';

export interface Living {
  /** The leader of the child's process group. */
  readonly pid: number | undefined;
  readonly folder: string;
}

const living = new Set<Living>();
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Kills a whole process group; a group that is gone already is fine. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function endAll(): void {
  for (const { pid, folder } of living) {
    killGroup(pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  living.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  const alone = process.listenerCount(signal) === 1;
  endAll();
  release();
  // Others who listen decide what happens next; otherwise the signal does what it always did.
  if (alone) process.kill(process.pid, signal);
}

function hold(): void {
  process.on('exit', endAll);
  for (const signal of endSignals) process.on(signal, onSignal);
}

function release(): void {
  process.off('exit', endAll);
  for (const signal of endSignals) process.off(signal, onSignal);
}

/** Registers a run; the answer ends the registration (and does nothing to the child). */
export function guard(run: Living): () => void {
  if (living.size === 0) hold();
  living.add(run);
  return () => {
    if (living.delete(run) && living.size === 0) release();
  };
}
