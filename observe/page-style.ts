/** The look of report pages: light, dark and on paper. Colors of lines are s1 to s8, of the heat map h0 to h7. */

const light = `
  --back: #ffffff; --fore: #1d2129; --dim: #5d6674; --edge: #d9dde3; --panel: #f5f6f8; --bed: #f0f2f4; --accent: #b3400e;
  --s1: #2f6db5; --s2: #d9822b; --s3: #3a8f5c; --s4: #8757b8; --s5: #c23b56; --s6: #2a8d99; --s7: #8a6d2f; --s8: #6b7480;
  --h0: #d5dae1; --h1: #fde3c4; --h2: #fdc48b; --h3: #f99b52; --h4: #ea6f27; --h5: #c94a10; --h6: #97300b; --h7: #5c1a08;`;
const dark = `
  --back: #14171c; --fore: #e4e7ec; --dim: #98a2b0; --edge: #333a45; --panel: #1c2027; --bed: #1d2128; --accent: #f49a5c;
  --s1: #6ea8ec; --s2: #f0a656; --s3: #68c18d; --s4: #b993e6; --s5: #ec7f94; --s6: #5fc3cf; --s7: #cdb06a; --s8: #a3acb8;
  --h0: #3a424e; --h1: #4d2a17; --h2: #7a3a14; --h3: #aa4f13; --h4: #d56c1b; --h5: #f2933c; --h6: #fbbf73; --h7: #ffe8bd;`;

const levels = [0, 1, 2, 3, 4, 5, 6, 7];
const colors = [1, 2, 3, 4, 5, 6, 7, 8];

export const PAGE_STYLE = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { color-scheme: light; ${light} } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 32px 48px; max-width: 1104px; background: var(--back); color: var(--fore);
  font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 40px 0 4px; }
h3 { font-size: 14px; margin: 22px 0 8px; overflow-wrap: anywhere; }
p { margin: 0 0 12px; color: var(--dim); max-width: 80ch; }
code { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px; margin: 20px 0 0; padding: 0; }
.tile { background: var(--panel); border: 1px solid var(--edge); border-radius: 8px; padding: 10px 14px; }
.tile dt { color: var(--dim); font-size: 12px; }
.tile dd { margin: 0; font-size: 20px; font-weight: 600; line-height: 1.35; }
.tile dd + dd { font-size: 12px; font-weight: 400; color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { font-weight: 500; color: var(--dim); font-size: 12px; }
th, td { padding: 4px 0 4px 14px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--edge); }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
td:first-child { width: 99%; max-width: 0; overflow: hidden; text-overflow: ellipsis; }
td.zero { color: var(--dim); opacity: 0.55; }
tr.rest td { color: var(--dim); border-bottom: none; }
td.share, th.share { min-width: 140px; }
td.share svg { width: 64px; height: 9px; }
td.share span { display: inline-block; width: 62px; }
.bar { fill: var(--s2); }
svg { display: block; width: 100%; height: auto; }
td svg { display: inline; }
svg text { font: 11px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--fore); }
svg text.dim { fill: var(--dim); }
figure { margin: 0 0 8px; }
figcaption { color: var(--dim); font-size: 12px; margin-top: 10px; }
.keys { display: inline-flex; flex-wrap: wrap; gap: 4px 14px; margin: 0 18px 4px 0; vertical-align: top; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; }
.grid { stroke: var(--edge); stroke-width: 1; }
.axis { stroke: var(--dim); stroke-width: 1; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.area { stroke: none; }
.hint { fill: transparent; }
.hint:hover { fill: var(--fore); fill-opacity: 0.12; }
.beyond { fill: var(--accent); }
.bed { fill: var(--bed); }
${colors.map((n) => `.line.s${n} { stroke: var(--s${n}); } .area.s${n} { fill: var(--s${n}); } .swatch.s${n} { background: var(--s${n}); }`).join("\n")}
${levels.map((n) => `.h${n} { fill: var(--h${n}); } .k${n} { background: var(--h${n}); }`).join("\n")}
footer { margin-top: 40px; color: var(--dim); font-size: 12px; }
@media (max-width: 720px) { body { padding: 20px 16px 32px; } .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media print { body { padding: 0; max-width: none; font-size: 12px; } figure, .tile, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
