/**
 * From whatever was thrown to what the user is told: what failed, what to do next, and the
 * kind that decides the exit code. Stack traces are kept for --debug alone.
 */
import { GraphError } from '../behaviour/graphError.ts';
import { BindingError } from '../replay/binding.ts';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import type { TaskError } from './task.ts';

const fullDisk = new Set(['ENOSPC', 'EDQUOT']);
const machine = new Set(['EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO']);

export function taskError(what: string, error: unknown): TaskError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const shown = { what, message, ...(stack === undefined ? {} : { stack: withCauses(error) }) };
  const next = nextOf(error);
  return { exit: exitOf(error), ...shown, ...(next === undefined ? {} : { next }) };
}

function exitOf(error: unknown): TaskError['exit'] {
  const code = codeOf(error);
  if (fullDisk.has(code) || machine.has(code)) return 'environment';
  if (error instanceof EnvironmentError) return 'environment';
  if (error instanceof UsageError || error instanceof BindingError) return 'usage';
  if (error instanceof GraphError) return graphExit(error);
  return nextOf(error) === undefined ? 'inconclusive' : 'usage';
}

// An empty graph is a check that checks nothing: it fails, whatever the reason.
function graphExit({ code }: GraphError): TaskError['exit'] {
  if (code === 'no-edges' || code === 'no-states' || code === 'no-initial') return 'violation';
  return code === 'cut-short' || code === 'wrong-count' ? 'environment' : 'usage';
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    // What Node says of a folder to be made on a disk that is read-only.
    if (code === 'ENOENT' && (at as NodeJS.ErrnoException).syscall === 'mkdir') return 'EROFS';
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  }
  return '';
}

function nextOf(error: unknown): string | undefined {
  const code = codeOf(error);
  if (fullDisk.has(code))
    return 'Free space on the disk, or point BISIM_CACHE and TMPDIR elsewhere.';
  if (machine.has(code)) return 'Make the file or folder named accessible, and run again.';
  const { next } = error as { next?: unknown };
  return typeof next === 'string' ? next : undefined;
}

function withCauses(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) stacks.push(at.stack ?? at.message);
  return stacks.join('\ncaused by ');
}
