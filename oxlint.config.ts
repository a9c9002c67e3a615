import { defineConfig, type OxlintOverride } from 'oxlint';

/** Who may import what (the layers of the house), and the rules of style. A specifier is matched, so both `#alias` and relative paths are named. */

type Rules = NonNullable<OxlintOverride['rules']>;
const forbid = (...patterns: { group: string[]; message: string }[]): Rules => ({
  'no-restricted-imports': ['error', { patterns }],
});
const no = (message: string, ...group: string[]) => ({ group, message });
const room = (name: string): string[] => [`**/${name}/**`, `#${name}/*`];

const outside = [
  ...room('infra'),
  ...room('local'),
  ...room('web'),
  ...room('test'),
  'aws-cdk-lib',
  'aws-cdk-lib/**',
  'constructs',
];
const kernel = no('shared/ is the kernel: it imports npm and shared only', ...room('functions'), ...outside);
const noAws = no('AWS clients live in shared/table and shared/aws only', '@aws-sdk/*');
const product = no('the product imports npm, #shared and lower domains', ...outside);

/** The domains, lowest first: each may import rules and stores of those before it. */
const domains = (
  'settings auth clients catalog documents mail activities marketing approvals leads deals contracts orders billing ' +
  'purchasing processing reports exchange'
).split(' ');
const edges = 'http public events tasks imports schedule read'.split(' ');

/** Files that hold rules of the trade: pure, so no store, no AWS, no files, no clock, no environment. */
const rules = [
  'settings/{setting,legal-entity,field,field-set,field-fact,field-text,version,difference}.ts',
  'auth/{access,account,key,rights,record-right}.ts',
  'clients/{person,client,member,pair,similarity,merge,consent,redaction}.ts',
  'catalog/product.ts',
  'mail/{letter,template}.ts',
  'activities/{activity,calendar,field-text,fold,plan,timeline-text,work-list}.ts',
  'marketing/{channel,form,intake,mapping,start-time,snippet,visit}.ts',
  'approvals/{approval,policy,page}.ts',
  'leads/{lead,lead-type,scoring}.ts',
  'deals/{deal,deal-type,line}.ts',
  'orders/order.ts',
  'reports/{channel,opens}.ts',
  'exchange/{change-feed,external-id,hand-over,webhook,webhook-delivery}.ts',
  'exchange/{cell,field,field-name,grid,import-input,export-cell,export-column,export-input,mapping,plain-date,plain-number,reading,text-file,xlsx-date}.ts',
];
const noDate = { name: 'Date', message: 'the clock comes in as an argument (shared/time.ts)' };

/** Reports read what every domain declares of its lists. */
const layers = domains.map((domain, place) => {
  const higher = domains.slice(place + 1).flatMap((one) => [`#functions/${one}/*`, `**/${one}/*`]);
  const others = domain === 'reports' ? edges.filter((edge) => edge !== 'read') : edges;
  const foreign = domains.slice(0, place).flatMap((one) => others.map((edge) => `#functions/${one}/${edge}.ts`));
  return {
    files: [`functions/${domain}/**`],
    rules: forbid(
      product,
      noAws,
      ...(higher.length > 0
        ? [no(`${domain} is below these: a command that spans domains lies in the highest`, ...higher)]
        : []),
      ...(foreign.length > 0
        ? [no("another domain's edge is its own: import its rules or its store", ...foreign)]
        : []),
    ),
  };
});

const pure = rules.map((file) => {
  const place = domains.indexOf(file.split('/')[0] ?? '');
  const higher = domains.slice(place + 1).map((one) => `#functions/${one}/*`);
  const effects = no(
    'a rule is pure: no store, no AWS, no files',
    '**/store.ts',
    '#shared/table/*',
    '#shared/aws/*',
    '#shared/command.ts',
    'node:fs',
    'node:fs/*',
  );
  return {
    files: [`functions/${file}`],
    rules: {
      ...forbid(product, noAws, effects, no('rules import rules of lower domains only', ...higher)),
      'no-restricted-globals': ['error', noDate, { name: 'process', message: 'a rule knows no environment' }],
    } satisfies Rules,
  };
});

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { node: true, es2024: true },
  ignorePatterns: ['cdk.out/**', '.build/**', '.local/**', 'coverage/**', 'web/dist/**'],
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      {
        considerDefaultExhaustiveForUnions: true,
      },
    ],
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-return': 'off',
    'typescript/unbound-method': 'off',
    'typescript/no-unnecessary-type-parameters': 'off',
    'no-eval': 'error',
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'import/no-named-as-default': 'off',
    'import/no-named-as-default-member': 'off',
    'import/no-unassigned-import': 'off',
    'promise/always-return': 'off',
    'vitest/expect-expect': [
      'error',
      {
        assertFunctionNames: ['expect', 'expect*', 'fc.assert'],
      },
    ],
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/no-conditional-expect': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/no-standalone-expect': 'off',
  },
  overrides: [
    { files: ['shared/**', 'functions/**'], rules: { 'no-restricted-globals': ['error', noDate] } },
    { files: ['shared/time.ts'], rules: { 'no-restricted-globals': 'off' } },
    { files: ['shared/**'], rules: forbid(kernel, noAws) },
    { files: ['shared/table/**', 'shared/aws/**'], rules: forbid(kernel) },
    { files: ['functions/*.ts'], rules: forbid(product, noAws) },
    ...layers,
    ...pure,
    {
      files: ['infra/**'],
      rules: {
        'no-new': 'off',
        ...forbid(
          no(
            'infra imports aws-cdk-lib and declarations of entries',
            ...room('local'),
            ...room('web'),
            ...room('test'),
          ),
        ),
      },
    },
  ],
});
