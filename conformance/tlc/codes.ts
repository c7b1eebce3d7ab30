// TLC's message codes and exit codes, and what each says about a run (measured on 1.7.4, the Maven jar, 1.8.0).

import type { TlcKind, TlcVerdict } from './result.ts';

export const code = {
  assertFailed: 2132,
  backToState: 2122,
  collectorAdvice: 2401,
  coverageAction: 2772,
  coverageInit: 2773,
  coverageValue: 2221,
  coverageCost: 2775,
  depth: 2194,
  depthFirstInit: 2208,
  depthFirstLevel: 2205,
  depthFirstProgress: 2206,
  depthFirstStats: 2204,
  finalStats: 2199,
  finished: 2186,
  initDone: 2190,
  initDoneTwo: 2191,
  nested: 2103,
  parseFailed: 3002,
  progress: 2200,
  sanyEnd: 2219,
  sanyStart: 2220,
  simulationInit: 2269,
  simulationProgress: 2209,
  simulationStart: 2188,
  simulationStats: 2210,
  serverDone: 2211,
  state: 2217,
  stuttering: 2218,
  success: 2193,
  temporal: 2192,
  traceHead: 2121,
  version: 2262,
} as const;

export interface Meaning {
  readonly verdict: TlcVerdict;
  readonly kind: TlcKind;
}

const violation = (kind: TlcKind): Meaning => ({ verdict: 'violation', kind });
const error = (kind: TlcKind): Meaning => ({ verdict: 'error', kind });
const unknown = (kind: TlcKind): Meaning => ({ verdict: 'unknown', kind });

const byCode = new Map<number, Meaning>([
  [2110, violation('invariant')],
  [2107, violation('invariant')],
  [2112, violation('action-property')],
  [2108, violation('action-property')],
  [2114, violation('deadlock')],
  [2116, violation('liveness')],
  [2104, violation('assume')],
  [2404, violation('assume')],
  [code.assertFailed, violation('assert')],
  [code.parseFailed, error('parse')],
  [2171, error('parse')],
  [2105, error('evaluation')],
  [1001, unknown('memory')],
  [1002, unknown('memory')],
  [1003, unknown('memory')],
  [2125, unknown('disk')],
  [2127, unknown('disk')],
  [2129, unknown('disk')],
  [2161, unknown('disk')],
  [2174, unknown('disk')],
  [2175, unknown('disk')],
]);

const configCodes = new Set([
  2222, 2223, 2224, 2225, 2226, 2227, 2228, 2229, 2230, 2231, 2232, 2233, 2234, 2235, 2236, 2237,
  2238, 2239, 2240, 2241, 2242, 2243, 2280, 2281, 5001, 5002, 5003, 5004, 5005, 5006,
]);

/** Frames of severity 1 that head or explain another error and are none themselves. */
const traceCodes = new Set([2121, 2264, code.nested, 2120, 2102]);

/** What an error message (severity 1 or 2) says about the run; undefined when it only goes with another. */
export function meaningOf(messageCode: number, text: string): Meaning | undefined {
  if (traceCodes.has(messageCode)) return undefined;
  if (text.includes('No space left on device')) return unknown('disk');
  if (/OutOfMemoryError|Java heap space|GC overhead limit/.test(text)) return unknown('memory');
  if (text.includes('ConfigFileException')) return error('config');
  const known = byCode.get(messageCode);
  if (known) return known;
  return error(configCodes.has(messageCode) ? 'config' : 'evaluation');
}

/** What an exit code says where no message did. */
export function meaningOfExit(exitCode: number): Meaning | undefined {
  switch (exitCode) {
    case 10:
      return violation('assume');
    case 11:
      return violation('deadlock');
    case 12:
      return violation('invariant');
    case 13:
      return violation('liveness');
    case 14:
      return violation('assert');
    case 75:
    case 76:
    case 77:
      return error('evaluation');
    case 150:
      return error('parse');
    case 151:
      return error('config');
    default:
      return undefined;
  }
}
