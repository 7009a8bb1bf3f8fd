/** How a report looks, by day and by night. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d232b; --soft: #6b7683; --line: #d9dee5; --paper: #ffffff; --good: #1a7f4b; --bad: #c62828;
  --primary: #1a7f4b; --replica: #3a78c9; --running: #a9b6c4; --fenced: #8e5bb5; --closed: #c99a2e; --away: #c62828; --reads: #9cc3ea; --writes: #2f6db5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #93a0ae; --line: #333b45; --paper: #14181d; --good: #4cc38a; --bad: #ff6b62;
    --primary: #2f9e68; --replica: #4a86d4; --running: #55616e; --fenced: #a377c8; --closed: #b98d2c; --away: #e5534b; --reads: #2c4f74; --writes: #5b9be0; }
}
body { margin: 2rem auto; max-width: 1160px; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0 0 .4rem; } h1 small { font-size: 1rem; font-weight: 400; color: var(--soft); margin-left: .5rem; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
.verdict { font-size: 1.15rem; font-weight: 600; border-left: 5px solid; padding: .3rem .8rem; margin: .6rem 0; }
.good { color: var(--good); border-color: var(--good); } .bad, .complaints { color: var(--bad); } .bad { border-color: var(--bad); }
figure { margin: 1rem 0; overflow-x: auto; } svg { width: 100%; min-width: 760px; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .name { text-anchor: end; fill: var(--soft); } svg .tick { text-anchor: middle; fill: var(--soft); }
svg .caption { font-weight: 600; } svg .more { font-weight: 400; fill: var(--soft); } svg .on { fill: #ffffff; }
.grid { stroke: var(--line); stroke-width: 1; fill: none; }
.band.primary { fill: var(--primary); } .band.replica { fill: var(--replica); } .band.running { fill: var(--running); } .band.fenced { fill: var(--fenced); }
.band.closed, .band.starting { fill: var(--closed); } .band.reseeding { fill: var(--closed); } .band.away { fill: var(--away); }
.event { stroke: var(--ink); fill: var(--ink); stroke-width: 1; } .fault { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
.flag { fill: var(--bad); } svg .number { fill: #ffffff; text-anchor: middle; font-weight: 700; }
.area.reads { fill: var(--reads); } .area.writes { fill: var(--writes); } .failed { fill: var(--bad); }
.dot.reads { fill: var(--reads); stroke: var(--replica); stroke-width: .6; } .dot.writes { fill: var(--writes); } .stretch { fill: var(--bad); opacity: .1; }
.marks { padding-left: 2.2rem; } .marks b { display: inline-block; min-width: 5rem; font-variant-numeric: tabular-nums; }
table.figures { border-collapse: collapse; } .figures th { text-align: left; font-weight: 400; color: var(--soft); padding: .15rem 2rem .15rem 0; }
.figures td { text-align: right; font-variant-numeric: tabular-nums; }
`;
