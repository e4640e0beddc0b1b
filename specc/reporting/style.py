"""How the page looks: one style sheet, in light and in dark, on wide and on narrow screens."""

STYLE = """
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #ffffff; --text: #16202c;
  --quiet: #5b6775; --line: #dde2e8; --grid: #e8ebef; --train: #0072b2; --val: #c2410c;
  --test: #00805d; --accent: #0072b2; --wrong: #c2410c; --good: #00805d; }
@media (prefers-color-scheme: dark) { :root { --ground: #11161c; --card: #1a212a; --text: #e6ebf1;
  --quiet: #9aa7b5; --line: #303a46; --grid: #28313b; --train: #56b4e9; --val: #f59e5b;
  --test: #34c79a; --accent: #3f9fdc; --wrong: #e0733a; --good: #34c79a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui,
  -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer, nav { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; font-weight: 700; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
h1 .quiet { font-weight: 400; }
h2 { font-size: 20px; margin: 36px 0 12px; }
h3 { font-size: 13px; margin: 0 0 6px; color: var(--quiet); font-weight: 600; }
p { margin: 6px 0; }
.quiet { color: var(--quiet); }
.title { display: flex; gap: 14px; align-items: center; flex-wrap: wrap; }
.state { font-size: 13px; padding: 2px 10px; border-radius: 99px; border: 1px solid var(--quiet);
  color: var(--quiet); }
.state.finished { border-color: var(--good); color: var(--good); }
.state.stopped { border-color: var(--wrong); color: var(--wrong); }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 16px 0 10px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 10px 18px 12px; min-width: 150px; display: flex; flex-direction: column;
  font-size: 13px; }
.tile b { font-size: 30px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; }
nav { margin-top: 14px; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); }
.cards.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px;
  margin: 0; min-width: 0; }
.card.whole { margin-bottom: 14px; }
.chart { width: 100%; height: auto; display: block; }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline;
  margin-bottom: 8px; }
figcaption .quiet { font-size: 13px; }
.legend { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 12px; font-size: 13px;
  color: var(--quiet); font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: 16px; height: 0; border-top: 3px solid var(--accent);
  vertical-align: middle; margin-right: 5px; }
.swatch.train { border-color: var(--train); border-top-style: dashed; }
.swatch.val { border-color: var(--val); }
.swatch.test { width: 9px; height: 9px; border-radius: 9px; background: var(--test); border: 0; }
.grid { stroke: var(--grid); }
.axis { stroke: var(--quiet); }
.tick { font-size: 13px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.kept { stroke: var(--quiet); stroke-dasharray: 2 4; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.line.train { stroke: var(--train); stroke-dasharray: 6 3; }
.line.val { stroke: var(--val); }
.dot { fill: var(--accent); }
.dot.train { fill: var(--train); } .dot.val { fill: var(--val); }
.dot.test { fill: var(--test); stroke: var(--card); stroke-width: 1.5; }
.hover { fill: transparent; }
.hover:hover { fill: var(--quiet); }
.ideal { stroke: var(--quiet); stroke-dasharray: 5 4; }
.cloud { fill: var(--accent); fill-opacity: .45; }
.bar { fill: var(--accent); }
.two { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr));
  max-width: 860px; }
.beside { display: flex; gap: 28px; flex-wrap: wrap; }
.beside .wide { max-width: 100%; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--line);
  vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; font-size: 13px; white-space: nowrap; }
tfoot td, tfoot th { font-weight: 650; border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12.5px;
  overflow-wrap: anywhere; }
.function td { color: var(--quiet); }
.unsaid td { color: var(--quiet); }
.override .code { font-weight: 650; }
.first:not(:first-child) td { border-top: 2px solid var(--line); }
.from { font-size: 13px; }
.tag { margin-right: 8px; white-space: nowrap; }
.tag.override { color: var(--wrong); font-weight: 650; }
.tag.spec { color: var(--accent); font-weight: 600; }
.pairs th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
.pairs tr:last-child > *, tbody:last-child tr:last-child > td { border-bottom: 0; }
.confusion { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; }
.confusion th, .confusion td { border: 0; border-radius: 4px; padding: 5px 6px; text-align: center;
  min-width: 40px; font-size: 13px; }
.confusion th span { display: inline-block; max-width: 110px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
.upright thead th { vertical-align: bottom; }
.upright thead th:not(.share) span { writing-mode: vertical-rl; transform: rotate(180deg);
  max-width: none; max-height: 130px; }
.confusion thead td { vertical-align: bottom; }
.confusion tbody th { text-align: right; color: var(--quiet); font-weight: 600; }
.confusion thead td { white-space: nowrap; font-size: 11px; }
.confusion .right { background: color-mix(in srgb, var(--accent) calc(var(--share) * 100%), var(--card)); }
.confusion .wrong { background: color-mix(in srgb, var(--wrong) calc(var(--share) * 100%), var(--card)); }
.confusion .none { background: color-mix(in srgb, var(--line) 35%, var(--card)); }
.confusion .strong { color: #fff; }
@media (prefers-color-scheme: dark) { .confusion .strong { color: #0b1117; } }
.confusion .share { color: var(--quiet); background: none; }
.mistakes { list-style: none; margin: 0; padding: 0; font-size: 14px; overflow-wrap: anywhere; }
.mistakes b { font-variant-numeric: tabular-nums; }
.example { padding: 12px 14px; }
.example dl { display: grid; grid-template-columns: minmax(60px, auto) 1fr; gap: 4px 12px; margin: 0;
  font-size: 14px; }
.example dt { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; max-width: 110px; }
.example dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.example dd.wrong { color: var(--wrong); font-weight: 650; }
.example dd.right { font-weight: 650; }
.example img { width: 112px; height: auto; image-rendering: pixelated; border-radius: 4px;
  display: block; border: 1px solid var(--line); }
.strip { width: 100%; height: 40px; display: block; }
.few { display: flex; flex-wrap: wrap; gap: 0 10px; font-variant-numeric: tabular-nums; }
.graph-box { max-height: 640px; overflow: auto; margin-top: 8px; }
.graph-box svg { display: block; max-width: 100%; height: auto; margin: 0 auto; border-radius: 8px; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--accent); font-size: 14px; width: max-content; }
footer { padding: 36px 20px 40px; font-size: 13px; color: var(--quiet); }
@media print { nav, details:not([open]) { display: none; } .card { break-inside: avoid; } }
"""
