// Turns TLC's messages into a result, one at a time. What must hold: `ok` only if TLC itself said that no error was
// found (or a simulation ended without one); the first error decides the kind; what is kept is bounded.

import { code, meaningOf, meaningOfExit, type Meaning } from './codes.ts';
import { CoverageReader } from './coverageReader.ts';
import type { Frame, FrameEvent } from './frames.ts';
import type { TlcLocation, TlcProgress, TlcReading } from './result.ts';
import { SanyMessages } from './sanyMessages.ts';
import { readHeader, readPlace, readState, readStep } from './traceState.ts';
import { findingOf, Violations } from './violations.ts';

/** A spec that prints without end must not fill the memory: later lines are dropped, and that is said. */
export const printLinesMax = 200_000;
export { traceStepsMax } from './violations.ts';

const integer = (text: string | undefined): number => Number((text ?? '0').replaceAll(',', ''));
// Bounded: else a line of digits alone takes the square of its length.
const number = '(-?[\\d,]{1,20})';
const statistics = new RegExp(
  `${number} states generated(?: \\([^)]*\\))?, ${number} distinct states found(?: \\([^)]*\\))?(?:, ${number} states left)?`,
);
const oneInit = new RegExp(`initial states: ${number} distinct states? generated`);
const twoInit = new RegExp(
  `initial states: ${number} states generated, with ${number} of them distinct`,
);

interface Counts {
  distinct: number;
  generated: number;
  queue: number;
  depth: number;
  initial: number;
}

export class TlcReader {
  readonly #onProgress: ((progress: TlcProgress) => void) | undefined;
  readonly #counts: Counts = { distinct: 0, generated: 0, queue: 0, depth: 0, initial: 0 };
  readonly #coverage = new CoverageReader();
  readonly #violations = new Violations();
  readonly #prints: string[] = [];
  readonly #warnings: string[] = [];
  readonly #sany = new SanyMessages();
  #inSany = false;
  #printsDropped = 0;
  #version = '';
  #succeeded = false;
  #simulating = false;
  #simulated = false;
  #depthFirst = false;
  #served = false;
  #phase: TlcProgress['phase'] = 'search';

  constructor(onProgress?: (progress: TlcProgress) => void) {
    this.#onProgress = onProgress;
  }

  take(event: FrameEvent): void {
    if (event.type === 'line') {
      if (event.text.startsWith('Terminating due to java.lang.OutOfMemoryError')) {
        this.#violations.override(findingOf({ verdict: 'unknown', kind: 'memory' }, event.text));
      } else if (this.#inSany) this.#sany.line(event.text);
      else this.#print(event.text);
      return;
    }
    if (event.severity === 4) this.#takeState(event);
    else if (event.severity === 1 || event.severity === 2) this.#takeError(event);
    else this.#takeNews(event);
  }

  /** The result once the output has ended. `exitCode` is undefined when the run was killed. */
  finish(exitCode: number | undefined): TlcReading {
    const { first } = this.#violations;
    const end = first ?? this.#end(exitCode);
    const meaning = end.meaning;
    const parse = meaning.kind === 'parse' ? this.#sany.problem() : undefined;
    const message = parse?.message ?? end.message;
    const location = parse?.location ?? first?.location;
    if (this.#printsDropped > 0) {
      this.#warnings.push(
        `${this.#printsDropped} printed lines beyond ${printLinesMax} were dropped`,
      );
    }
    return {
      ...meaning,
      ...(first?.property === undefined ? {} : { property: first.property }),
      ...(message === undefined ? {} : { message }),
      ...(location ? { location } : {}),
      ...this.#counts,
      ...this.#coverage.read(),
      further: this.#violations.further(),
      violations: this.#violations.count,
      ...(first && first.trace.length > 0 ? { trace: first.trace } : {}),
      ...(first?.lasso === undefined ? {} : { lasso: first.lasso }),
      ...(first?.back === undefined ? {} : { back: first.back }),
      prints: this.#prints,
      warnings: this.#warnings,
      version: this.#version,
    };
  }

  /** Without an error message: what the exit code, or Java itself, says. */
  #end(exitCode: number | undefined): {
    meaning: Meaning | { verdict: 'ok'; kind?: never };
    message?: string;
  } {
    const finished = this.#succeeded || this.#simulated || this.#depthFirst || this.#isServed();
    if (exitCode === 0 && finished) return { meaning: { verdict: 'ok' } };
    const ofExit = exitCode === undefined ? undefined : meaningOfExit(exitCode);
    if (ofExit) return { meaning: ofExit };
    if (exitCode === undefined) {
      return { meaning: { verdict: 'unknown', kind: 'crash' }, message: 'TLC was stopped.' };
    }
    // Before TLC says its version, Java itself speaks: a heap it cannot have, a class it cannot find.
    const said = this.#version === '' ? this.#prints.slice(0, 3).join(' ') : '';
    const message = `TLC ended with ${exitCode} and no verdict. ${said}`.trim();
    const noHeap = /maximum heap|reserve enough space/.test(said);
    const meaning: Meaning = noHeap
      ? { verdict: 'unknown', kind: 'memory' }
      : { verdict: 'error', kind: 'crash' };
    return { meaning, message };
  }

  /** The distributed server says no more of a success than that its work is done. */
  #isServed(): boolean {
    return this.#served && this.#counts.distinct > 0 && this.#counts.queue === 0;
  }

  #print(text: string): void {
    if (this.#prints.length < printLinesMax) this.#prints.push(text);
    else this.#printsDropped += 1;
  }

  #takeState(frame: Frame): void {
    const head = frame.lines[0] ?? '';
    if (frame.code === code.stuttering) this.#violations.lasso('stuttering');
    else if (frame.code === code.backToState) {
      const { number: state = 1, action } = readHeader(head) ?? {};
      this.#violations.lasso(state, action);
    } else {
      const step = readStep(frame.lines);
      if (step) this.#violations.step(step);
    }
  }

  #takeError(frame: Frame): void {
    const { first } = this.#violations;
    // TLC prints an exception's own message as a message within the message.
    // Where it threw inside TLC tells nobody anything.
    const own = frame.lines.filter((line) => !/@!@!@|^\tat /.test(line));
    const text = own.join('\n').trimEnd();
    if (frame.code === code.nested) {
      if (first) first.location ??= nestedPlace(frame.lines);
      return;
    }
    if (frame.code === code.traceHead && !first) {
      // The distributed server shows a behaviour without a word of what is wrong with it.
      const message = 'A worker found a behaviour that the spec forbids.';
      this.#violations.add(findingOf({ verdict: 'violation', kind: 'invariant' }, message));
      return;
    }
    const meaning = meaningOf(frame.code, text);
    if (!meaning) return;
    const finding = findingOf(meaning, text, propertyOf(text));
    if (meaning.kind === 'assume') finding.location = placeIn(text);
    if (frame.code === 2107 || frame.code === 2108) {
      finding.trace.push({ state: readState(frame.lines.slice(1)) });
    }
    if (!first || (first.meaning.verdict === 'violation' && meaning.verdict === 'violation')) {
      this.#violations.add(finding);
    } else if (meaning.verdict === 'unknown') {
      // Running out of memory or disk overrides what TLC makes of it afterwards, and before.
      this.#violations.override(finding);
    } else if (first.meaning.kind === 'evaluation') {
      first.message = `${first.message}\n${text}`;
    }
  }

  #takeNews(frame: Frame): void {
    const text = frame.lines.join('\n');
    if (frame.severity === 3 && frame.code !== code.collectorAdvice)
      this.#warnings.push(text.trimEnd());
    switch (frame.code) {
      case code.version:
        this.#version = /Version (\S+)/.exec(text)?.[1] ?? '';
        break;
      case code.sanyStart:
        this.#inSany = true;
        break;
      case code.sanyEnd:
        this.#inSany = false;
        break;
      case code.success:
        this.#succeeded = true;
        break;
      case code.depth:
        this.#counts.depth = integer(/search is ([\d,]+)/.exec(text)?.[1]);
        break;
      case code.temporal:
        this.#phase = 'liveness';
        this.#report();
        this.#phase = 'search';
        break;
      case code.simulationStart:
        this.#simulating = true;
        break;
      case code.simulationInit:
        this.#counts.initial = integer(/^Computed ([\d,]{1,20})/.exec(text)?.[1]);
        break;
      case code.finished:
        // The shortest simulations end before TLC's reporter says a word of them: one in ten (measured on 2.18).
        if (this.#simulating && this.#counts.initial > 0) this.#simulated = true;
        break;
      case code.simulationProgress:
      case code.simulationStats:
        this.#simulated = true;
        this.#phase = 'simulation';
        this.#counts.generated = integer(/([\d,]{1,20}) states/.exec(text)?.[1]);
        this.#report();
        break;
      case code.serverDone:
        this.#served = true;
        break;
      case code.depthFirstLevel:
        this.#counts.depth = integer(/^Starting level ([\d,]+)/.exec(text)?.[1]);
        break;
      default:
        if (this.#coverage.take(frame.code, text)) break;
        this.#takeCounts(frame.code, text);
    }
  }

  #takeCounts(messageCode: number, text: string): void {
    const counts = this.#counts;
    switch (messageCode) {
      case code.initDone:
      case code.initDoneTwo:
      case code.depthFirstInit: {
        const two = twoInit.exec(text);
        counts.initial = integer(two ? two[2] : oneInit.exec(text)?.[1]);
        break;
      }
      case code.depthFirstProgress:
      case code.depthFirstStats:
        this.#depthFirst = true;
        this.#takeStatistics(text);
        this.#report();
        break;
      case code.finalStats:
        this.#takeStatistics(text);
        break;
      case code.progress:
        this.#takeStatistics(text);
        counts.depth = integer(/^Progress\(([\d,]+)\)/.exec(text)?.[1]);
        this.#report();
    }
  }

  #takeStatistics(text: string): void {
    const match = statistics.exec(text);
    if (!match) return;
    this.#counts.generated = integer(match[1]);
    this.#counts.distinct = integer(match[2]);
    // A depth-first search keeps no queue: TLC says -1.
    this.#counts.queue = Math.max(0, integer(match[3]));
  }

  #report(): void {
    const { depth, generated, distinct, queue } = this.#counts;
    this.#onProgress?.({ phase: this.#phase, depth, generated, distinct, queue });
  }
}

/** The innermost of `0. Line 39, column 3 to line 43, column 21 in Voting`. */
function nestedPlace(lines: readonly string[]): TlcLocation | undefined {
  const match = lines
    .map((line) => /^\d+\. Line (\d+), column (\d+) to line \d+, column \d+ in (\S+)$/.exec(line))
    .filter((found) => found !== null)
    .at(-1);
  if (!match) return undefined;
  return { file: `${match[3]}.tla`, line: Number(match[1]), column: Number(match[2]) };
}

/** `Assumption line 10, col 8 to line 10, col 20 of module K is false.` */
function placeIn(text: string): TlcLocation | undefined {
  const match = /(line \d+, col \d+ to line \d+, col \d+ of module \S+)/.exec(text)?.[1];
  return match === undefined ? undefined : readPlace(match);
}

function propertyOf(text: string): string | undefined {
  const match =
    /^(?:Invariant|Action property|Property|Temporal property) (.+?) (?:is|was) violated/.exec(
      text,
    );
  return match?.[1];
}
