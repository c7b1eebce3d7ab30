/**
 * Runs tasks side by side, the longest first, each after the one it waits for. What must
 * hold: every task runs once or the run was ended; one that fails does not hold up the rest.
 */
export interface Scheduled<T> {
  readonly task: T;
  readonly id: string;
  /** Expected cost in any unit; it only orders the work. */
  readonly cost: number;
  /** The id of the task that must have ended first. */
  readonly after?: string;
}

export async function schedule<T>(
  tasks: readonly Scheduled<T>[],
  slots: number,
  run: (task: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...tasks].sort((a, b) => b.cost - a.cost);
  const ended = new Set<string>();
  const known = new Set(tasks.map(({ id }) => id));
  const running = new Set<Promise<void>>();
  const takeReady = (): Scheduled<T> | undefined => {
    const at = waiting.findIndex(
      ({ after }) => after === undefined || ended.has(after) || !known.has(after),
    );
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };
  for (;;) {
    while (!signal.aborted && running.size < slots) {
      const next = takeReady();
      if (next === undefined) break;
      const work = run(next.task).finally(() => {
        ended.add(next.id);
        running.delete(work);
      });
      running.add(work);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
}
