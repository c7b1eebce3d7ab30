/** The command that repeats a run, as it can be pasted into a shell. */
import { quoted } from '../replaying/addUp.ts';

export function command(
  verb: string,
  subject: string | undefined,
  rest: readonly string[] = [],
): string {
  // A path that begins with a dash would be taken for a flag.
  const own = subject?.startsWith('-') === true ? `./${subject}` : subject;
  const words = ['bisim', verb, ...(own === undefined ? [] : [own]), ...rest];
  return words.map(quoted).join(' ');
}
