/** The command that repeats a check, as one can paste it into a shell. */
export interface Repeated {
  readonly files: readonly string[];
  readonly model: string;
  readonly consistency: string;
  readonly limit?: string;
  readonly recover: boolean;
}

export function repeatCommand(o: Repeated): string {
  const parts = ['bisim', 'linearize', ...o.files.map(quoted)];
  const transactions = /serializable|snapshot|committed/.test(o.consistency);
  if (!transactions) parts.push('--model', quoted(o.model));
  if (o.consistency !== 'linearizable') parts.push('--consistency', quoted(o.consistency));
  if (o.limit !== undefined) parts.push('--limit', quoted(o.limit));
  if (o.recover) parts.push('--recover');
  return parts.join(' ');
}

function quoted(text: string): string {
  return /^[\w./=,:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
