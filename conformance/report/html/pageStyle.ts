/**
 * The look of the report: one accent colour, grey for what is quiet, red and green for verdicts
 * alone; phone and wide, dark and light.
 */
const colours = `
:root{color-scheme:light dark;--paper:#fff;--raised:#f7f8f9;--ink:#16191d;--muted:#646b75;--line:#e3e6ea;
--accent:#2f57d0;--accent-soft:#e9eefc;--good:#1f7a3d;--good-soft:#e6f4ea;--bad:#b42318;--bad-soft:#fdebe9;
--warn:#8a5a00;--warn-soft:#fdf3dc}
@media (prefers-color-scheme:dark){:root{--paper:#121417;--raised:#1a1d21;--ink:#e8eaed;--muted:#969da8;
--line:#2c3138;--accent:#8ba7ff;--accent-soft:#1f2a4d;--good:#6fce8e;--good-soft:#16321f;--bad:#ff9389;
--bad-soft:#3d1c19;--warn:#e8be6a;--warn-soft:#3a2d10}}
`;

const base = `
*{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,header>div,footer{max-width:78rem;margin:0 auto;padding:0 1.5rem}
code,pre,.code,.args,.number,.lanes,.stategraph text{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
code,pre{font-size:.86em;overflow-wrap:anywhere;white-space:pre-wrap}
pre{margin:.5rem 0 0;padding:.75rem 1rem;background:var(--raised);border-radius:6px;max-height:28rem;overflow:auto}
h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;margin:.15rem 0 0;font-weight:650;overflow-wrap:anywhere}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:0 0 1rem;font-weight:650}
h3{font-size:1rem;margin:0 0 .35rem;font-weight:600;overflow-wrap:anywhere}
h4{font-size:.95rem;margin:0 0 .5rem;font-weight:600;overflow-wrap:anywhere}
p{margin:0 0 .75rem}
.muted{color:var(--muted);font-weight:400}
header{padding:2.25rem 0 1.25rem}
.head{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center}
.head .badge{font-size:.9rem;padding:.2rem .75rem}
.facts{display:flex;flex-wrap:wrap;gap:.75rem 2.25rem;margin:1.4rem 0 0}
.facts div{min-width:0}.facts dt{color:var(--muted);font-size:.8rem}.facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
nav{position:sticky;top:0;z-index:3;background:var(--paper);border-block:1px solid var(--line)}
nav ul{max-width:78rem;margin:0 auto;padding:0 1.5rem;display:flex;gap:1.5rem;list-style:none;overflow-x:auto;scrollbar-width:none}
nav a{display:block;padding:.75rem 0;color:var(--muted);text-decoration:none;white-space:nowrap;border-bottom:2px solid transparent;margin-bottom:-1px}
nav a:hover{color:var(--ink)}nav a.here{color:var(--ink);border-color:var(--accent)}
section{padding:2.5rem 0 0}
.count,nav .count{color:var(--muted);font-weight:400;font-size:.85em;margin-left:.15rem}
.badge{display:inline-block;border-radius:99px;padding:.05rem .55rem;font-size:.8rem;font-weight:550;white-space:nowrap;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;color:var(--muted);background:var(--raised)}
.good{color:var(--good);background:var(--good-soft)}.bad{color:var(--bad);background:var(--bad-soft)}.warn{color:var(--warn);background:var(--warn-soft)}
.cut{color:var(--warn);background:var(--warn-soft);padding:.5rem .9rem;border-radius:6px;margin:.75rem 0 0}
article{border:1px solid var(--line);border-radius:10px;padding:1.25rem 1.25rem 1rem;margin:0 0 1.25rem}
article:focus-visible,button:focus-visible,a:focus-visible,.canvas:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button,input{font:inherit;font-size:.88rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:.25rem .7rem}
button{cursor:pointer}button:hover{background:var(--raised)}
button[aria-pressed=true]{background:var(--accent-soft);border-color:var(--accent);color:var(--accent)}
html:not(.js) .controls,html:not(.js) .filters{display:none}
.more{margin:-.4rem 0 .9rem}
details{margin:.5rem 0 0}summary{cursor:pointer;color:var(--muted);font-size:.9rem}
footer{color:var(--muted);font-size:.85rem;padding-block:3rem 2rem}
`;

const tables = `
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}.models,.mutants,.cases{min-width:40rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:4rem}
thead th{color:var(--muted);font-weight:500;font-size:.8rem;white-space:nowrap;overflow-wrap:normal;padding-top:0}
tbody th{font-weight:550}tbody tr:last-child>*{border-bottom:0}
td.n,td.n+td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.models thead th:nth-child(n+3),.coverage thead th:nth-child(2),.coverage thead th:nth-child(3),.plainbars thead th:nth-child(2),.cases thead th:last-child{text-align:right}
.code{font-size:.86rem;font-weight:500}
td.wide{width:34%;min-width:6rem;vertical-align:middle}
.bar{display:block;width:100%;height:6px;border-radius:3px;overflow:hidden}
.bar .whole{fill:var(--line)}.bar .share{fill:var(--accent)}
.groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.75rem 3rem}
.path{display:block;color:var(--muted);font-size:.85em}.why{color:var(--muted)}
.mutants td:nth-child(3){min-width:14rem}.mutants td:nth-child(5){min-width:12rem}
.filters{display:flex;flex-wrap:wrap;gap:.4rem;margin:0 0 .9rem}.filters input{flex:0 1 14rem;min-width:8rem}
.score{display:flex;align-items:center;gap:1rem;max-width:32rem}.score span{white-space:nowrap;color:var(--muted)}
.problems{margin:0;padding:0;list-style:none;display:grid;gap:.75rem}
.problems li{border-left:3px solid var(--bad);padding:.1rem 0 .1rem 1rem;min-width:0}
.problems details{margin:0}.problems .first{color:var(--ink);font-size:1rem;margin:0;font-weight:550;overflow-wrap:anywhere}
[hidden]{display:none!important}
`;

const behaviours = `
.reason{color:var(--muted);overflow-wrap:anywhere;white-space:pre-wrap}
.controls{display:flex;align-items:center;gap:.4rem;margin:0 0 .9rem;flex-wrap:wrap}
.controls output{min-width:7rem;text-align:center;font-variant-numeric:tabular-nums;font-size:.9rem}
.controls .hint{font-size:.85rem;margin-left:.5rem}
.panes{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem;align-items:start}
@media (min-width:62rem){.panes{grid-template-columns:minmax(0,1.5fr) minmax(0,1fr)}}
.run{overflow:auto;max-height:min(75vh,46rem);border:1px solid var(--line);border-radius:8px}
.lanes{position:sticky;top:0;background:var(--paper);border-bottom:1px solid var(--line);z-index:1;min-width:max-content}
.names{display:flex;padding-right:18px}.names span{flex:1 1 0;min-width:0;text-align:center;font-size:.8rem;color:var(--muted);padding:.45rem .2rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.rows{display:flex;align-items:flex-start}
.spacetime{flex:none;display:block}
.spacetime .lane{stroke:var(--line);stroke-width:1.5}.spacetime .start{stroke:var(--muted);stroke-width:3;stroke-linecap:round}
.spacetime .dot{fill:var(--paper);stroke:var(--ink);stroke-width:1.75;cursor:pointer}.spacetime .dot.now{fill:var(--accent);stroke:var(--accent)}
.flight path,.flight line{fill:none;stroke:var(--muted);stroke-width:1.25}.flight circle{fill:none;stroke:var(--muted)}
.flight.lost line{stroke-dasharray:3 3}.spacetime marker path{fill:context-stroke}
.flight.now path,.flight.now line{stroke:var(--accent);stroke-width:2}.flight.now circle{stroke:var(--accent)}
.lasso path{fill:none;stroke:var(--accent);stroke-width:1.5}.lasso .tip{fill:var(--accent);stroke:none}
.steps{flex:1 1 auto;min-width:15rem;list-style:none;margin:0;padding:0}
.steps li{display:flex}
.steps button{flex:1;min-width:0;display:flex;align-items:center;gap:.6rem;border:0;border-radius:0;background:none;text-align:left;padding:0 .75rem;height:100%}
.steps button:hover{background:var(--raised)}.steps button[aria-current]{background:var(--accent-soft)}
.number{color:var(--muted);font-size:.8rem;min-width:1.4rem;text-align:right;font-variant-numeric:tabular-nums;flex:none}
.action{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-weight:550;flex:0 1 auto;min-width:6rem}
.args{font-weight:400;color:var(--muted);font-size:.84em;margin-left:.15em}
.changed{color:var(--muted);font-size:.8rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;flex:1 1000 0;min-width:0;text-align:right}
.details{min-width:0}
.js .behaviour .detail:not(.now){display:none}
.detail{padding:0 0 1rem}.detail .number{margin-right:.6rem}
.by{color:var(--muted);margin:-.4rem 0 .6rem;font-size:.88rem}
dl{margin:0}.details dt,.states dt{color:var(--muted);font-size:.82rem;margin-top:.55rem}.details dd,.states dd{margin:.1rem 0 0}
.details dd code{display:block;padding:.25rem .6rem;background:var(--raised);border-radius:5px}
.details dd code.was{border-radius:5px 5px 0 0;color:var(--muted)}.details dd code.now{border-radius:0 0 5px 5px}
.sign{color:var(--muted);user-select:none;margin-right:.5rem}
ins,del{text-decoration:none;border-radius:3px;padding:.05em .1em}
ins{background:var(--accent-soft);color:var(--accent);font-weight:600}del{text-decoration:line-through;text-decoration-thickness:1px}
.message{font-size:.9rem;margin:0 0 .4rem;overflow-wrap:anywhere}.message span{color:var(--muted)}.message code{background:var(--raised);border-radius:4px;padding:.1rem .35rem}
.ending{margin:.5rem 0 0;color:var(--accent)}.repeat{margin:.9rem 0 0;font-size:.9rem;color:var(--muted)}.repeat code{color:var(--ink)}
@media (max-width:40rem){.steps{min-width:13rem}.steps button{gap:.35rem;padding:0 .4rem}.steps .args,.changed,.controls .hint{display:none}main,header>div,footer,nav ul{padding-inline:1rem}article{padding:1rem .85rem}h1{font-size:1.5rem}}
`;

const graphs = `
.canvas{overflow:auto;max-height:min(75vh,44rem);border:1px solid var(--line);border-radius:8px;padding:.5rem}
.graph{display:block;margin:0 auto;max-width:100%;height:auto}.graph.sized{max-width:none}
.state{cursor:pointer}.state circle{fill:var(--paper);stroke:var(--ink);stroke-width:1.25}
.state text,.step text{text-anchor:middle;dominant-baseline:central;font-size:9px;fill:var(--ink)}
.state:focus{outline:none}.state:focus-visible circle{stroke:var(--accent);stroke-width:3.5}.state.initial circle{stroke-width:2.75}.state.now circle{fill:var(--accent);stroke:var(--accent)}.state.now text{fill:var(--paper)}
.step path{fill:none;stroke:var(--muted);stroke-width:.9}.step .tip{fill:var(--muted);stroke:none}
.step text{fill:var(--muted);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.step.now path{stroke:var(--accent);stroke-width:1.75}.step.now .tip{fill:var(--accent);stroke:none}.step.now text{fill:var(--accent)}
.states ol{list-style:none;margin:.75rem 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:1rem 1.5rem;max-height:28rem;overflow:auto}
.states h4{margin:0}.picked ul{margin:.75rem 0 0;padding:0;list-style:none;font-size:.9rem}.picked h5{margin:.9rem 0 0;font-size:.82rem;color:var(--muted);font-weight:500}
.picked li button{border:0;padding:.1rem 0;background:none;color:var(--accent)}
iframe{width:100%;border:1px solid var(--line);border-radius:8px;background:var(--paper);resize:vertical;display:block}
@media print{nav,.controls,.filters{display:none}.run,.canvas,pre{max-height:none}}
`;

export const pageStyle = [colours, base, tables, behaviours, graphs].join('');
