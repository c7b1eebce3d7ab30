/** An error as people read it: what failed, what to do next; the stack for --debug alone. */
export interface ShownError {
  readonly message: string;
  readonly next?: string;
  readonly stack?: string;
}

export function showError({ message, next, stack }: ShownError, debug: boolean): string {
  const lines = [`bisim: ${printable(message)}`];
  if (next !== undefined) lines.push(`next: ${next}`);
  if (debug && stack !== undefined) lines.push(stack);
  else if (next === undefined) lines.push('next: run again with --debug, and report what it shows');
  return `${lines.join('\n')}\n`;
}

/** Messages quote files that may hold anything: nothing of them moves a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
