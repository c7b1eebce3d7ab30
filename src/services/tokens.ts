/**
 * Where in a group's log the writes stand, by the tokens that their clients gave them: a retry that
 * carries the token of a write in the log is that write, not another one. What must hold: a token
 * is known as long as its slot is among the last `tokensMax`.
 */
import type { Command, CommandLog } from '../protocol/replication/commandLog.ts';

export const tokensMax = 100_000;

export class Tokens {
  readonly #slots = new Map<string, number>();
  #log: CommandLog | undefined;

  /** Follows the log; slots up to `commit` never change. */
  follow(log: CommandLog, commit: number): void {
    const before = this.#log;
    if (before === log) return;
    this.#log = log;
    const grown = before !== undefined && log.extends(before);
    let same = grown ? before.length : Math.min(commit, before?.length ?? 0);
    const both = Math.min(before?.length ?? 0, log.length);
    while (same < both && before!.at(same + 1) === log.at(same + 1)) same += 1;
    if (before !== undefined && !grown) {
      for (const command of before.slice(same + 1)) this.#forget(command);
    }
    const first = Math.max(same + 1, log.length - tokensMax + 1);
    for (const [index, command] of log.slice(first).entries()) {
      if (command.kind === 'write') this.#slots.set(command.call, first + index);
    }
    this.#shrink();
  }

  #forget(command: Command): void {
    if (command.kind === 'write') this.#slots.delete(command.call);
  }

  #shrink(): void {
    for (const token of this.#slots.keys()) {
      if (this.#slots.size <= tokensMax) return;
      this.#slots.delete(token);
    }
  }

  slotOf(token: string): number | undefined {
    return this.#slots.get(token);
  }
}
