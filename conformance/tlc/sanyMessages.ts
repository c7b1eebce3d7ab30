// Collects SANY's unframed lines and finds the first problem in them: file, line, column and SANY's own words.

import type { TlcLocation } from './result.ts';

const linesMax = 2_000;
const noise =
  /^(Parsing file |Semantic processing of module |Linting of module |tla2sany\.semantic\.AbortException|\*\*\* |Residual stack trace|Fatal errors while parsing|Could not parse module)/;

export interface SanyProblem {
  readonly message: string;
  readonly location?: TlcLocation;
}

export class SanyMessages {
  readonly #lines: string[] = [];
  #file: string | undefined;

  line(text: string): void {
    const parsing = /^Parsing file (.+)$/.exec(text)?.[1];
    if (parsing !== undefined) this.#file = parsing.split(/[\\/]/).at(-1);
    if (this.#lines.length < linesMax) this.#lines.push(text);
  }

  /** What SANY found, or undefined when it said nothing wrong. */
  problem(): SanyProblem | undefined {
    return this.#syntax() ?? this.#semantic() ?? this.#other();
  }

  /** `***Parse Error***`, `Was expecting …`, `Encountered "1" at line 5, column 20 and token "+"`. */
  #syntax(): SanyProblem | undefined {
    const at = this.#lines.findIndex((line) => line.startsWith('***Parse Error***'));
    if (at < 0) return this.#lexical();
    const words: string[] = [];
    for (const line of this.#lines.slice(at + 1)) {
      if (line.trim() === '' || line.startsWith('Residual')) break;
      words.push(line.trim());
    }
    const message = words.join(' ');
    const match = /at line (\d+), col(?:umn)? (\d+)/.exec(message);
    return this.#located(message, this.#file, match?.[1], match?.[2]);
  }

  /** `Lexical error at line 5, column 3.  Encountered: …` */
  #lexical(): SanyProblem | undefined {
    const line = this.#lines.find((text) => /Lexical error|TokenMgrError/.test(text));
    if (line === undefined) return undefined;
    const match = /line (\d+), column (\d+)/.exec(line);
    return this.#located(line.trim(), this.#file, match?.[1], match?.[2]);
  }

  /** `line 5, col 14 to line 5, col 14 of module Bad2`, then the sentence. */
  #semantic(): SanyProblem | undefined {
    for (const [index, line] of this.#lines.entries()) {
      const match = /^line (\d+), col (\d+) to line \d+, col \d+ of module (\S+)$/.exec(
        line.trim(),
      );
      if (!match) continue;
      const words = this.#lines.slice(index + 1).filter((text) => text.trim() !== '');
      return this.#located((words[0] ?? '').trim(), `${match[3]}.tla`, match[1], match[2]);
    }
    return undefined;
  }

  #other(): SanyProblem | undefined {
    const words = this.#lines
      .map((line) => line.trim())
      .filter((line) => line !== '' && line !== 'Unknown location' && !noise.test(line));
    return words.length === 0 ? undefined : { message: words.join(' ') };
  }

  #located(message: string, file?: string, line?: string, column?: string): SanyProblem {
    if (file === undefined || line === undefined) return { message };
    return { message, location: { file, line: Number(line), column: Number(column ?? 1) } };
  }
}
