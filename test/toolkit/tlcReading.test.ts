import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../conformance/tlc/frames.ts';
import { TlcReader } from '../../conformance/tlc/reading.ts';
import type { TlcProgress, TlcReading } from '../../conformance/tlc/result.ts';

/** One message as TLC prints it. */
const message = (code: number, severity: number, text: string): string =>
  `@!@!@STARTMSG ${code}:${severity} @!@!@\n${text}\n@!@!@ENDMSG ${code} @!@!@\n`;

const start = [
  message(2262, 0, 'TLC2 Version 2.19 of 08 August 2024 (rev: 5a47802)'),
  message(2220, 0, 'Starting SANY...'),
  'Parsing file /w/K.tla\nSemantic processing of module K\n',
  message(2219, 0, 'SANY finished.'),
  message(2185, 0, 'Starting... (2026-11-21 07:13:32)'),
].join('');

function read(text: string, exitCode?: number, onProgress?: (p: TlcProgress) => void): TlcReading {
  const reader = new TlcReader(onProgress);
  const frames = new FrameReader((event) => reader.take(event));
  frames.push(Buffer.from(text));
  frames.end();
  return reader.finish(exitCode);
}

const state = (head: string, body: string): string => message(2217, 4, `${head}\n${body}\n`);
const step = 'line 7, col 8 to line 7, col 49 of module K>';

describe('TlcReader', () => {
  it('takes a simulation that ended at once for what it was, and none of nothing', () => {
    const walk = (...more: string[]): string =>
      [message(2188, 0, 'Running Random'), start, ...more].join('');
    const computed = (states: number): string =>
      message(2269, 0, `Computed ${states} initial states...`);
    const finished = message(2186, 0, 'Finished in 938ms at (2026-11-21 16:23:18)');
    expect(read(walk(computed(2), finished), 0)).toMatchObject({ verdict: 'ok', initial: 2 });
    for (const text of [walk(computed(2)), walk(finished), walk(computed(0), finished)]) {
      expect(read(text, 0)).toMatchObject({ verdict: 'error', kind: 'crash' });
    }
    expect(read(`${start}${computed(2)}${finished}`, 0).verdict).toBe('error');
  });

  it('reads the counts of a run that found nothing, thousands separators included', () => {
    const seen: TlcProgress[] = [];
    const text = [
      start,
      message(
        2191,
        0,
        'Finished computing initial states: 1,234 states generated, with 1,200 of them distinct at 2026-11-21.',
      ),
      message(
        2200,
        0,
        'Progress(1,002) at 2026-11-21 07:13:32: 1,402,306 states generated (1,052 s/min), 50,816 distinct states found (877 ds/min), 3,100 states left on queue.',
      ),
      message(2193, 0, 'Model checking completed. No error has been found.'),
      message(
        2199,
        0,
        '2402306 states generated, 60816 distinct states found, 0 states left on queue.',
      ),
      message(2194, 0, 'The depth of the complete state graph search is 1,021.'),
    ].join('');
    const result = read(text, 0, (progress) => seen.push(progress));
    expect(result).toMatchObject({
      verdict: 'ok',
      version: '2.19',
      initial: 1200,
      generated: 2_402_306,
      distinct: 60_816,
      queue: 0,
      depth: 1021,
    });
    expect(seen).toEqual([
      { phase: 'search', depth: 1002, generated: 1_402_306, distinct: 50_816, queue: 3100 },
    ]);
  });

  it('is never ok without the word of TLC, and never ok where the exit code says otherwise', () => {
    expect(read(start, 0).verdict).toBe('error');
    expect(read('', 0)).toMatchObject({ verdict: 'error', kind: 'crash' });
    const success = message(2193, 0, 'Model checking completed. No error has been found.');
    expect(read(start + success, 12)).toMatchObject({ verdict: 'violation', kind: 'invariant' });
    expect(read(start + success).verdict).toBe('unknown');
  });

  it('reads an invariant, its trace, and values wrapped over lines', () => {
    const text = [
      start,
      message(2110, 1, 'Invariant BelowInv is violated.'),
      message(2121, 1, 'The behavior up to this point is:'),
      state('1: <Initial predicate>', '/\\ x = 0\n/\\ msgs = {}'),
      state(
        `2: <Inc ${step}`,
        '/\\ x = 1\n/\\ msgs = { [type |-> "a"],\n  [type |-> "b = /\\\\"] }',
      ),
    ].join('');
    const result = read(text, 12);
    expect(result).toMatchObject({ verdict: 'violation', kind: 'invariant', property: 'BelowInv' });
    expect(result.trace).toEqual([
      { state: { x: '0', msgs: '{}' } },
      {
        action: 'Inc',
        location: { file: 'K.tla', line: 7, column: 8 },
        state: { x: '1', msgs: '{ [type |-> "a"],\n  [type |-> "b = /\\\\"] }' },
      },
    ]);
  });

  it('reads the state of a single variable, which has no bullet', () => {
    const text =
      start +
      message(2110, 1, 'Invariant I is violated.') +
      state('1: <Initial predicate>', 'x = << 1,\n  2 >>');
    expect(read(text, 12).trace).toEqual([{ state: { x: '<< 1,\n  2 >>' } }]);
  });

  it('reads an invariant and a property that fail in an initial state', () => {
    const at = (code: number, what: string): TlcReading =>
      read(
        start +
          message(code, 1, `${what} is violated by the initial state:\n/\\ x = 0\n/\\ y = 1\n`),
        12,
      );
    expect(at(2107, 'Invariant Inv0')).toMatchObject({
      kind: 'invariant',
      property: 'Inv0',
      trace: [{ state: { x: '0', y: '1' } }],
    });
    expect(at(2108, 'Property P')).toMatchObject({ kind: 'action-property', property: 'P' });
  });

  it.each([
    [2112, 'Action property Up is violated.', 'action-property', 13],
    [2114, 'Deadlock reached.', 'deadlock', 11],
    [2116, 'Temporal properties were violated.', 'liveness', 13],
    [
      2132,
      'The first argument of Assert evaluated to FALSE; the second argument was:\n"boom"',
      'assert',
      14,
    ],
    [2404, 'Postcondition P is violated.', 'assume', 10],
  ])('message %i is a violation', (code, text, kind, exitCode) => {
    expect(read(start + message(code, 1, text), exitCode)).toMatchObject({
      verdict: 'violation',
      kind,
    });
  });

  it('reads both ends of a liveness counterexample', () => {
    const head =
      start +
      message(2116, 1, 'Temporal properties were violated.\n') +
      message(2264, 1, 'The following behavior constitutes a counter-example:\n') +
      state('1: <Initial predicate>', '/\\ x = 0\n/\\ y = 1');
    expect(read(head + message(2218, 4, '2: Stuttering'), 13).lasso).toBe('stuttering');
    const back = read(head + message(2122, 4, `5: Back to state: <Back ${step}`), 13);
    expect([back.lasso, back.back]).toEqual([5, { action: 'Back' }]);
  });

  it('names the place of a false ASSUME', () => {
    const text =
      start +
      message(2104, 1, 'Assumption line 10, col 8 to line 10, col 20 of module K is false.');
    expect(read(text, 10)).toMatchObject({
      verdict: 'violation',
      kind: 'assume',
      location: { file: 'K.tla', line: 10, column: 8 },
    });
  });

  it('names the innermost place of an evaluation error', () => {
    const text =
      start +
      message(2184, 1, 'Attempted to apply Head to the empty sequence.') +
      message(
        2103,
        1,
        'The error occurred when TLC was evaluating the nested\nexpressions at the following positions:\n0. Line 12, column 9 to line 12, column 38 in K\n1. Line 12, column 14 to line 12, column 23 in K\n\n',
      );
    expect(read(text, 255)).toMatchObject({
      verdict: 'error',
      kind: 'evaluation',
      location: { file: 'K.tla', line: 12, column: 14 },
    });
  });

  it.each([
    [1001, 'Java ran out of memory.', 'memory'],
    [
      1000,
      'TLC threw an unexpected exception.\njava.lang.OutOfMemoryError\n: Java heap space',
      'memory',
    ],
    [
      1000,
      'TLC threw an unexpected exception.\njava.io.IOException: No space left on device',
      'disk',
    ],
    [2127, 'when writing the disk (StatePoolWriter.run): x', 'disk'],
  ])('message %i is no verdict on the spec', (code, text, kind) => {
    const found = message(2110, 1, 'Invariant I is violated.');
    expect(read(start + message(code, 1, text), 153)).toMatchObject({ verdict: 'unknown', kind });
    expect(read(start + found + message(code, 1, text), 12).kind).toBe(kind);
  });

  it('knows a JVM that ended itself for want of memory', () => {
    const text = `${start}Terminating due to java.lang.OutOfMemoryError: Java heap space\n`;
    expect(read(text, 3)).toMatchObject({ verdict: 'unknown', kind: 'memory' });
  });

  it.each([
    [2222, 'The constant parameter N is not assigned a value by the configuration file.'],
    [
      2229,
      'The invariant Zork specified in the configuration file\nis not defined in the specification.',
    ],
  ])('message %i is an error of the cfg', (code, text) => {
    expect(read(start + message(code, 1, text), 151)).toMatchObject({
      verdict: 'error',
      kind: 'config',
      message: text,
    });
  });

  const refused = (lines: string): TlcReading =>
    read(
      message(2220, 0, 'Starting SANY...') +
        lines +
        message(2219, 0, 'SANY finished.') +
        message(3002, 1, 'Parsing or semantic analysis failed.'),
      150,
    );

  it('finds file, line and words of a syntax error', () => {
    const result = refused(
      'Parsing file /w/Bad.tla\n***Parse Error***\nWas expecting "==== or more Module body"\nEncountered "1" at line 5, column 20 and token "+" \n\nResidual stack trace follows:\nModule definition\n',
    );
    expect(result).toMatchObject({
      verdict: 'error',
      kind: 'parse',
      location: { file: 'Bad.tla', line: 5, column: 20 },
    });
    expect(result.message).toContain('Encountered "1"');
  });

  it('finds file, line and words of an unknown operator and of a missing module', () => {
    const semantic = refused(
      "Parsing file /w/Bad.tla\nSemantic errors:\n\n*** Errors: 1\n\nline 5, col 14 to line 5, col 14 of module Bad2\n\nUnknown operator: `y'.\n\n",
    );
    expect(semantic).toMatchObject({
      message: "Unknown operator: `y'.",
      location: { file: 'Bad2.tla', line: 5, column: 14 },
    });
    const missing = refused(
      'Parsing file /w/Bad3.tla\n\nFatal errors while parsing TLA+ spec in file Bad3\n\ntla2sany.semantic.AbortException\n*** Abort messages: 1\n\nUnknown location\n\nCannot find source file for module Nope imported in module Bad3.\n',
    );
    expect(missing.message).toBe(
      'Cannot find source file for module Nope imported in module Bad3.',
    );
  });

  it('keeps the last coverage of each action, with the parameters of TLC 1.8 left out of its name', () => {
    const cover = (text: string): string => message(2772, 0, text);
    const place = 'line 33, col 1 to line 33, col 6 of module Voting>';
    const text =
      start +
      cover(`<Ask ${place}: 1:2`) +
      cover(`<Ask ${place}: 1,003:2,007`) +
      cover(`<Answer(s1, b) ${place}: 0:0`);
    expect(read(text, 0).coverage).toMatchObject([
      { action: 'Ask', module: 'Voting', distinct: 1003, generated: 2007 },
      { action: 'Answer', distinct: 0, generated: 0 },
    ]);
  });

  it('hands out what the spec printed, and not what SANY said', () => {
    expect(read(`${start}<<"shout", 0>>\n<< 1,\n   2 >>\n`, 0).prints).toEqual([
      '<<"shout", 0>>',
      '<< 1,',
      '   2 >>',
    ]);
  });

  const aMessage = fc.record({
    code: fc.oneof(
      fc.constantFrom(2110, 2116, 2121, 2122, 2190, 2199, 2200, 2217, 2218, 2262, 2772, 3002),
      fc.nat(9999),
    ),
    severity: fc.nat(4),
    text: fc.string({ maxLength: 80 }),
  });
  property.prop([fc.array(aMessage), fc.option(fc.nat(255), { nil: undefined })])(
    'takes any messages, and calls none of them ok unless TLC did',
    (messages, exitCode) => {
      const text = messages.map((each) => message(each.code, each.severity, each.text)).join('');
      const result = read(text, exitCode);
      if (result.verdict === 'ok') expect(exitCode).toBe(0);
      expect(Number.isNaN(result.distinct + result.generated + result.depth + result.initial)).toBe(
        false,
      );
    },
  );
});
