/**
 * Values of a recording as TLA+ text inside a generated module. What must hold: whatever the value
 * holds, its text is one expression that means this value; recordings are data, never TLA+.
 */
import { isModelValue, type TlaValue } from '../value/value.ts';
import { formatString } from '../value/format.ts';

const identifier = /^(?=.*[A-Za-z])[A-Za-z0-9_]+$/;

/** Words that SANY does not take for the name of a field. */
const reserved = new Set(
  (
    'ACTION ASSUME ASSUMPTION AXIOM BY CASE CHOOSE CONSTANT CONSTANTS COROLLARY DEF DEFINE DEFS ' +
    'DOMAIN ELSE ENABLED EXCEPT EXTENDS HAVE HIDE IF IN INSTANCE LAMBDA LEMMA LET LOCAL MODULE ' +
    'NEW OBVIOUS OMITTED ONLY OTHER PICK PROOF PROPOSITION PROVE QED RECURSIVE SF_ STATE SUBSET ' +
    'SUFFICES TAKE TEMPORAL THEN THEOREM UNCHANGED UNION USE VARIABLE VARIABLES WF_ WITH WITNESS'
  ).split(' '),
);

export const isFieldName = (name: string): boolean =>
  identifier.test(name) && !reserved.has(name) && !/^(WF_|SF_)/.test(name);

/** Needs the operators of `BisimTools`. */
export function tlaText(value: TlaValue): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'number':
    case 'bigint':
      return value < 0 ? `BisimMinus(${-value})` : String(value);
    case 'string':
      return stringText(value);
    default:
      return compositeText(value);
  }
}

const listText = (values: Iterable<TlaValue>): string => [...values].map(tlaText).join(', ');

function compositeText(value: TlaValue & object): string {
  if (isModelValue(value)) return value.name;
  if (Array.isArray(value)) return `<<${listText(value as readonly TlaValue[])}>>`;
  if (value instanceof Set) return `{${listText(value as ReadonlySet<TlaValue>)}}`;
  if (value instanceof Map) return functionText([...(value as ReadonlyMap<TlaValue, TlaValue>)]);
  const fields = Object.entries(value as Readonly<Record<string, TlaValue>>);
  if (fields.length === 0) return '<<>>';
  if (!fields.every(([name]) => isFieldName(name))) return functionText(fields);
  return `[${fields.map(([name, each]) => `${name} |-> ${tlaText(each)}`).join(', ')}]`;
}

function functionText(pairs: readonly (readonly [TlaValue, TlaValue])[]): string {
  if (pairs.length === 0) return '<<>>';
  const keys = pairs.map(([key]) => key);
  const values = pairs.map(([, each]) => each);
  return `BisimFunction(<<${listText(keys)}>>, <<${listText(values)}>>)`;
}

/** Characters that SANY takes in a string, as they are or escaped. */
const taken = /^[\x20-\x7e\x80-\xff\n\t\f\r]*$/;
const escapedMark = '@bisim:';

/**
 * SANY refuses most of Unicode (measured), so no string of a spec holds it: such a string is written
 * in another way, the same for equal strings and different for different ones.
 */
function stringText(text: string): string {
  if (taken.test(text) && !text.startsWith(escapedMark)) return formatString(text);
  const escaped = text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return formatString(`${escapedMark}${escaped}`);
}

/** What TLC printed of such strings, with the strings themselves. */
export function plainStrings(printed: string): string {
  if (!printed.includes(`"${escapedMark}`)) return printed;
  return printed.replace(/"@bisim:((?:[^"\\]|\\.)*)"/g, (_, escaped: string) =>
    formatString(
      escaped
        .replace(/\\(["\\])/g, '$1')
        .replace(/\\u([0-9a-f]{4})/g, (_all, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        ),
    ),
  );
}
