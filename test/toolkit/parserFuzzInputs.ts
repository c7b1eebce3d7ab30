/**
 * Inputs for the parsers that read what others wrote: right ones, made from a seed, and damaged
 * ones: bytes flipped, pieces cut, doubled and put elsewhere, huge numbers, deep nesting.
 */
import type { Random } from './historyGenerator.ts';

export const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!;

const atoms = ['a1', 'Null', 'TRUE', 'FALSE', '0', '-7', '42', '"a"', '"q\\"u\\\\\\n"', '1..3'];

/** A value as TLC prints it. */
export function valueText(random: Random, depth = 3): string {
  const many = (make: () => string, joint: string): string =>
    Array.from({ length: 1 + random(3) }, make).join(joint);
  const inner = (): string => valueText(random, depth - 1);
  switch (depth === 0 ? 0 : random(6)) {
    case 1:
      return `{${many(inner, ', ')}}`;
    case 2:
      return `<<${many(inner, ',\n  ')}>>`;
    case 3: {
      const names = ['type', 'bal', 'from'].slice(0, 1 + random(3));
      return `[${names.map((name) => `${name} |-> ${inner()}`).join(', ')}]`;
    }
    case 4: {
      const keys = ['a1', 'a2', '"k"', '0'].slice(0, 1 + random(3));
      return `(${keys.map((key) => `${key} :> ${inner()}`).join(' @@ ')})`;
    }
    default:
      return pick(random, atoms);
  }
}

/** A value of ITF. */
export function itfText(random: Random, depth = 3): string {
  const list = (): string =>
    Array.from({ length: random(4) }, () => itfText(random, depth - 1)).join(',');
  switch (depth === 0 ? 0 : random(8)) {
    case 1:
      return `[${list()}]`;
    case 2:
      return `{"#set":[${list()}]}`;
    case 3:
      return `{"#tup":[${list()}]}`;
    case 4:
      return `{"#map":[["k",${itfText(random, depth - 1)}],[{"#bigint":"1"},0]]}`;
    case 5:
      return `{"type":"m","value":${itfText(random, depth - 1)}}`;
    case 6:
      return pick(random, ['{"#bigint":"-99999999999999999999"}', '{"#unserializable":"a1"}']);
    default:
      return pick(random, ['true', '0', '-12', '"a"', '"é\\n\\u0041"', '9007199254740993']);
  }
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

export function dotText(random: Random): string {
  const nodes = Array.from({ length: 1 + random(4) }, (_, i) => `${i * 977 - 1500}${random(9)}`);
  const node = (id: string, i: number): string => {
    const label = `/\\ x = ${valueText(random, 2)}\n/\\ y = ${i}`;
    return `${id} [label="${escaped(label)}"${i === 0 ? ',style = filled]' : '];'}`;
  };
  const edge = (): string =>
    `${pick(random, nodes)} -> ${pick(random, nodes)} [label="${pick(random, ['Inc', 'Accept_1'])}",color="black",fontcolor="black"];`;
  return [
    'strict digraph DiskGraph {',
    'nodesep=0.35;',
    'subgraph cluster_graph {',
    'color="white";',
    ...nodes.map(node),
    ...Array.from({ length: 1 + random(4) }, edge),
    '{rank = same; 1;2;3;}',
    '}',
    '}',
    '',
  ].join('\n');
}

export function simulationText(random: Random): string {
  const state = (_: unknown, k: number): string =>
    `STATE_${k + 1} == \n/\\ x = ${valueText(random, 2)}\n/\\ act = <<"A", <<${k}>>>>\n\n`;
  const states = Array.from({ length: 1 + random(4) }, state);
  return `---------------- MODULE sim/t_0_1 -----------------\n${states.join('\n')}=====\n`;
}

export function tlcText(random: Random): string {
  const frame = (code: number, severity: number, text: string): string =>
    `@!@!@STARTMSG ${code}:${severity} @!@!@\n${text}\n@!@!@ENDMSG ${code} @!@!@\n`;
  const frames = [
    () => frame(2262, 0, 'TLC2 Version 2.18 of Day Month 20??'),
    () => frame(2220, 0, 'Starting SANY...'),
    () => 'Parsing file /tmp/X.tla\n***Parse Error***\nWas expecting "==== or more Module body"\n',
    () => frame(2219, 0, 'SANY finished.'),
    () => frame(2190, 0, 'Finished computing initial states: 1 distinct state generated at T.'),
    () => frame(2110, 1, 'Invariant TypeOK is violated.'),
    () => frame(2121, 1, 'The behavior up to this point is:'),
    () => frame(2217, 4, `1: <Initial predicate>\n/\\ x = ${valueText(random, 2)}\n/\\ y = 1\n`),
    () => frame(2217, 4, `2: <Inc line 7, col 8 to line 7, col 49 of module K>\nx = 1\n`),
    () => frame(2218, 4, '3: Stuttering'),
    () => frame(2122, 4, '1: Back to state: <Inc line 7, col 8 to line 7, col 49 of module K>'),
    () =>
      frame(
        2200,
        0,
        'Progress(3) at T: 1,234 states generated, 56 distinct states found, 7 states left on queue.',
      ),
    () => frame(2772, 0, '<Inc line 7, col 1 to line 7, col 3 of module K>: 12:34'),
    () => frame(2199, 0, '12 states generated, 5 distinct states found, 0 states left on queue.'),
    () => frame(1000, 1, 'TLC threw an unexpected exception.'),
    () => `${valueText(random, 2)}\n`,
    () => frame(2193, 0, 'Model checking completed. No error has been found.'),
  ];
  return Array.from({ length: 1 + random(8) }, () => pick(random, frames)()).join('');
}

export function itfFile(random: Random): string {
  const state = (_: unknown, k: number): string => {
    const step = pick(random, ['', ',"action":"A","args":{"p":1}', ',"action":"B","args":[1,2]']);
    const quint = pick(random, [
      '',
      ',"mbt::actionTaken":"m::A","mbt::nondetPicks":{"p":{"tag":"Some","value":{"#bigint":"1"}}}',
    ]);
    return `{"#meta":{"index":${k}${step}},"x":${itfText(random)},"m::y":${itfText(random, 1)}${quint}}`;
  };
  const states = Array.from({ length: 1 + random(3) }, state).join(',\n');
  const loop = random(4) === 0 ? ',"loop":0' : '';
  return `{"#meta":{"format":"ITF","modelValues":["a1"]},"vars":["x","m::y"],"states":[${states}]${loop}}`;
}

export function ndjsonText(random: Random): string {
  const state = (_: unknown, k: number): string =>
    `{"index":${k},"action":"A","args":{"p":${k}},"state":{"x":${itfText(random)}}}`;
  const states = Array.from({ length: 1 + random(3) }, state);
  return [
    '{"format":"bisim.trace.1","vars":["x"],"meta":{"modelValues":["a1"]}}',
    ...states,
    '',
  ].join('\n');
}

export function historyText(random: Random): string {
  const count = 1 + random(4);
  const value = (): string => pick(random, ['1', '"v"', 'null', '[1,{"a":2}]']);
  const lines = Array.from({ length: count }, (_, k): string[] => {
    const op = `"process":${k},"op":"put","key":"k${random(3)}","value":${value()}`;
    return random(4) === 0
      ? [`{${op},"invoke":${k * 10},"return":null,"status":"info"}`]
      : [`{${op},"invoke":${k * 10},"return":${k * 10 + 9},"result":${value()},"status":"ok"}`];
  });
  if (random(2) === 0) return `${lines.flat().join('\n')}\n`;
  const events = Array.from({ length: count }, (_, k) => [
    `{"type":"invoke","process":"p${k}","op":"get","key":"k","time":${k * 2}}`,
    `{"type":"return","process":"p${k}","result":${value()},"status":"ok","time":${k * 2 + 1}}`,
  ]);
  return `${events.flat().join('\n')}\n`;
}

export function recordingText(random: Random): string {
  const value = (): string =>
    pick(random, ['1', '"a"', 'true', '[1,2]', '{"#set":[1]}', '{"#map":[[1,"a"]]}', '{"f":-3}']);
  const line = (_: unknown, k: number): string => {
    const changed = pick(random, [
      `"x":${value()}`,
      `"x":{"#change":[{"at":["a"],"put":${value()}}]}`,
      '"x":{"#change":[{"add":{"#set":[1]}}]}',
    ]);
    const args = pick(random, ['', `,"args":{"r":${value()}}`]);
    return `{"clock":${k + 1},"process":"p","action":"A"${args},"changed":{${changed}}}`;
  };
  const lines = Array.from({ length: 1 + random(4) }, line);
  return ['{"bisim":"trace","version":1,"process":"p"}', ...lines, ''].join('\n');
}

const pieces = [
  ...['{', '}', '[', ']', '<<', '>>', '(', ')', '"', '\\', ',', ':>', '@@', '|->', ' ', '\n', '\r'],
  ...[
    '0',
    '-',
    '..',
    '1..999999',
    '1..99999999',
    '0..0',
    '-0',
    '1e999',
    '0.5',
    '\0',
    '\ufffd',
    '😀',
  ],
  ...[
    '"#set":',
    '"#map":',
    '{"#bigint":"',
    '__proto__',
    '"__proto__":',
    'null',
    'STATE_1 ==',
    '====',
  ],
  ...['@!@!@STARTMSG 2217:4 @!@!@\n', '@!@!@ENDMSG 2217 @!@!@\n', '/\\ x = ', ' -> ', '[label="'],
];
const openings = [
  '{',
  '[',
  '<<',
  '(',
  '{"#set":[',
  '{"a":',
  '[a |-> ',
  '(a :> ',
  '@!@!@STARTMSG 1:1 @!@!@\n',
];

const digits = (random: Random): string => '9'.repeat(pick(random, [1, 16, 17, 400, 20_000]));

/** Some damage, once or a few times. `other`: a text to take pieces of. */
export function damaged(random: Random, text: string, other: string): string {
  let now = text;
  for (let times = 1 + random(4); times > 0; times--) now = damagedOnce(random, now, other);
  return now;
}

function damagedOnce(random: Random, text: string, other: string): string {
  const at = random(text.length + 1);
  const to = at + random(Math.min(40, text.length - at + 1));
  const put = (piece: string, from = at, until = at): string =>
    text.slice(0, from) + piece + text.slice(until);
  // Deep nesting is dear: seldom, and still some hundred times in a million.
  const kind = random(3_000) === 0 ? 8 : random(8);
  switch (kind) {
    case 0:
      return put(String.fromCharCode(random(random(4) === 0 ? 65_536 : 128)), at, at + 1);
    case 1:
      return text.slice(0, at);
    case 2:
      return put('', at, to);
    case 3:
      return put(text.slice(at, to).repeat(1 + random(3)));
    case 4:
      return put(other.slice(random(other.length), random(other.length)));
    case 5:
      return put(digits(random), at, random(2) === 0 ? at : to);
    case 6:
      return text.replace(/\d+/, () => digits(random));
    case 8: {
      const depth = pick(random, [900, 1_100, 5_000, 100_000]);
      return put(pick(random, openings).repeat(depth));
    }
    default:
      return put(pick(random, pieces));
  }
}
