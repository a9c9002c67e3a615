/** The one style sheet of the pages of the local cloud. */
export const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2433, #e7eaf0); --soft: light-dark(#5a6478, #a3adbf);
  --paper: light-dark(#fff, #151921); --card: light-dark(#f5f7fa, #1e242f); --line: light-dark(#d8dde6, #343d4d);
  --link: light-dark(#0b57b7, #8ab8ff); --bad: light-dark(#b3261e, #ff9b92); --good: light-dark(#1b6e3c, #7fd6a2); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0.75rem 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: baseline; border-bottom: 1px solid var(--line); }
header strong { margin-right: auto; } footer { color: var(--soft); font-size: 0.9rem; }
a { color: var(--link); } a[aria-current] { color: inherit; text-decoration: none; font-weight: 600; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
h1 { font-size: 1.6rem; margin: 0.75rem 0; } h2 { font-size: 1.2rem; margin: 1.75rem 0 0.5rem; } h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 0.93rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 0.88em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--card); padding: 0.75rem; border-radius: 6px; white-space: pre-wrap; margin: 0.5rem 0; }
details { background: var(--card); border-radius: 6px; padding: 0.4rem 0.75rem; margin: 0.4rem 0; } summary { cursor: pointer; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; } .soft { color: var(--soft); } .bad { color: var(--bad); } .good { color: var(--good); }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
form { display: flex; gap: 0.5rem; align-items: center; margin: 0.5rem 0; } input, textarea, button { font: inherit; padding: 0.3rem 0.6rem; }
.plain form { display: grid; max-width: 30rem; } .plain label { display: grid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; min-width: 0; } dd .wide { overflow-wrap: normal; }
`;
