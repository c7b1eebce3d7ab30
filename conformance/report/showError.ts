/** An error as people read it: what failed, what to do next; the stack for --debug alone. */
export interface ShownError {
  readonly message: string;
  readonly next?: string;
  readonly stack?: string;
}

export function showError({ message, next, stack }: ShownError, debug: boolean): string {
  const lines = [`bisim: ${message}`];
  if (next !== undefined) lines.push(`next: ${next}`);
  if (debug && stack !== undefined) lines.push(stack);
  else if (next === undefined) lines.push('next: run again with --debug, and report what it shows');
  return `${lines.join('\n')}\n`;
}
