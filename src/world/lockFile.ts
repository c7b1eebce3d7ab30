/**
 * A lock that a process holds by a file: who holds it is told by process id and the time at which
 * that process started, so that a stopped process keeps its lock, a dead one never does, and an id
 * used again is not mistaken. What must hold: of all who try at once at most one gets it.
 */
import { link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What this process holds: a second try from within must fail too. */
const held = new Set<string>();
let attempts = 0;

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** When a process started, where the system tells; it is empty for one that is gone. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may itself hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(fields[0] ?? 'X') ? '' : (fields[19] ?? '');
  } catch {
    return isAlive(pid) ? 'unknown' : '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function isHeld(content: string): Promise<boolean> {
  const [, pid = '', started = ''] = /^(\d+) (\S+)\n$/.exec(content) ?? [];
  if (started === '') return false;
  const now = await startOf(Number(pid));
  return now !== '' && (now === started || now === 'unknown');
}

/** Puts a dead process's lock aside, unless it is another one by now. */
async function removeStale(path: string, content: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  // Somebody was faster, and this is theirs: it goes back.
  if (moved !== content) await link(aside, path).catch(() => undefined);
  await rm(aside);
}

/** Gives what releases the lock, or undefined where a living process holds it. */
export async function lockFile(path: string): Promise<(() => Promise<void>) | undefined> {
  const name = join(await realpath(dirname(path)), basename(path));
  if (held.has(name)) return undefined;
  held.add(name);
  attempts += 1;
  const mine = `${name}.${process.pid}.${attempts}`;
  let isMine = false;
  try {
    await writeFile(mine, `${process.pid} ${await startOf(process.pid)}\n`, { mode: 0o600 });
    isMine = await take(name, mine);
  } finally {
    if (!isMine) held.delete(name);
    await rm(mine, { force: true });
  }
  if (!isMine) return undefined;
  return async () => {
    if (held.delete(name)) await rm(name, { force: true });
  };
}

async function take(name: string, mine: string): Promise<boolean> {
  for (;;) {
    try {
      await link(mine, name);
      return true;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const content = await contentOf(name);
    if (content === undefined) continue;
    if (await isHeld(content)) return false;
    await removeStale(name, content, `${mine}.stale`);
  }
}
