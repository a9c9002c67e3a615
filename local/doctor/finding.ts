/** What a check found: fine, worth knowing, or broken; and how to mend it. */
export type Finding = { state: 'ok' | 'warn' | 'fail'; what: string; mend?: string };

export const ok = (what: string): Finding => ({ state: 'ok', what });
export const warn = (what: string, mend: string): Finding => ({ state: 'warn', what, mend });
export const fail = (what: string, mend: string): Finding => ({ state: 'fail', what, mend });

/** What an installation answered beside what the local cloud answers to the same. */
export const same = (what: string, here: unknown, local: unknown, mend: string): Finding =>
  here === local ? ok(what) : fail(`${what}: local ${String(local)}, here ${String(here)}`, mend);

/** One finding as it is printed. */
export const lineOf = ({ state, what, mend }: Finding): string =>
  `${state.padEnd(4)}  ${what}${mend === undefined ? '' : `\n      → ${mend}`}`;
