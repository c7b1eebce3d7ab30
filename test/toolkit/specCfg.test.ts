import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { formatCfg, parseCfg, type Cfg } from '../../conformance/spec/cfg.ts';
import { parseXml } from '../../conformance/spec/xml.ts';

describe('parseCfg', () => {
  it('reads every section, with comments and values of every form', () => {
    const cfg = parseCfg(`\\* a model
SPECIFICATION Spec (* of
  several lines *)
CONSTANTS
  Servers = {s1, s2}   \\* model values
  Nested = {{1, -2}, {}}
  Text = "a \\"quoted\\" } text"
  Ballots <- MCBallots
  Only <- [Other] Mine
CONSTANT None = None
INVARIANTS TypeOK, AInv
INVARIANT BInv
PROPERTIES P
ACTION_CONSTRAINT Bound
CHECK_DEADLOCK FALSE
`);
    expect(cfg).toEqual({
      specification: 'Spec',
      constants: [
        { name: 'Servers', kind: '=', value: '{ s1 , s2 }' },
        { name: 'Nested', kind: '=', value: '{ { 1 , -2 } , { } }' },
        { name: 'Text', kind: '=', value: '"a \\"quoted\\" } text"' },
        { name: 'Ballots', kind: '<-', value: 'MCBallots' },
        { name: 'Only', kind: '<-', value: 'Mine', module: 'Other' },
        { name: 'None', kind: '=', value: 'None' },
      ],
      invariants: ['TypeOK', 'AInv', 'BInv'],
      properties: ['P'],
      constraints: [],
      actionConstraints: ['Bound'],
      checkDeadlock: false,
    });
  });

  it.each([
    ['ZORK Next', '"ZORK" stands where a keyword should', 1],
    ['INIT A\nINIT B', 'INIT is given twice', 2],
    ['CONSTANT\nN 3', 'not by = or <-', 2],
    ['CHECK_DEADLOCK maybe', 'TRUE or FALSE', 1],
    ['CONSTANT N = {1, 2', 'ends too early', 1],
    ['INVARIANT 3+', 'no name', 1],
  ])('refuses %j with its line', (text, message, line) => {
    expect(() => parseCfg(text, 'M.cfg')).toThrow(
      expect.objectContaining({
        code: 'config',
        message: expect.stringContaining(message),
        location: { file: 'M.cfg', line, column: 1 },
      }),
    );
  });

  const name = fc.stringMatching(/^[A-Z][a-z0-9]{0,8}$/);
  const value = fc.oneof(
    name,
    fc.integer().map(String),
    fc.stringMatching(/^[a-z {}=]{0,8}$/).map((text) => `"${text}"`),
    fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `{ ${names.join(' , ')} }`),
  );
  const constant = fc.oneof(
    fc.record({ name, kind: fc.constant('=' as const), value }),
    fc.record({ name, kind: fc.constant('<-' as const), value: name }),
  );
  const names = fc.array(name, { maxLength: 3 });
  const aCfg = fc.record(
    {
      specification: name,
      constants: fc.array(constant, { maxLength: 4 }),
      invariants: names,
      properties: names,
      constraints: names,
      actionConstraints: names,
      view: name,
      checkDeadlock: fc.boolean(),
    },
    { requiredKeys: ['constants', 'invariants', 'properties', 'constraints', 'actionConstraints'] },
  );
  property.prop([aCfg])('gives back what formatCfg wrote', (cfg) => {
    expect(parseCfg(formatCfg(cfg as Cfg))).toEqual(cfg);
  });
});

describe('parseXml', () => {
  it('reads elements, text and entities', () => {
    const xml = '<?xml version="1.0"?><a><b>1 &lt; 2 &amp;&#65;</b><c/><d x="y"><e></e></d></a>';
    expect(parseXml(xml)).toEqual({
      name: 'a',
      text: '',
      children: [
        { name: 'b', text: '1 < 2 &A', children: [] },
        { name: 'c', text: '', children: [] },
        { name: 'd', text: '', children: [{ name: 'e', text: '', children: [] }] },
      ],
    });
  });

  it.each(['', '<a>', '<a></b>', '</a>', '<a/><b/>', '<a', '<a>&nope;<b/></a>'])(
    'refuses %j',
    (text) => {
      expect(() => parseXml(text)).toThrow(expect.objectContaining({ name: 'XmlError' }));
    },
  );
});
