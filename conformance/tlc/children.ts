// Ends JVMs with the run they belong to. What must hold: whatever ends this process (Ctrl-C, SIGTERM, an exception),
// no JVM and no working directory of a run stays behind; what SIGKILL leaves is the watchdog's to end.

import { rmSync } from 'node:fs';
import { onExit } from 'signal-exit';

export interface Living {
  /** The leader of the child's process group. */
  readonly pid: number | undefined;
  readonly folder: string;
}

const living = new Set<Living>();
let release = (): void => undefined;

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

/** Registers a run; the answer ends the registration (and does nothing to the child). */
export function guard(run: Living): () => void {
  // Where the program listens to the signal itself, this waits for its exit: it may want to end runs in order.
  if (living.size === 0) release = onExit(endAll);
  living.add(run);
  return () => {
    if (living.delete(run) && living.size === 0) release();
  };
}
