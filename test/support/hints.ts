import type { Hints } from './schema-value.ts';

/** Values that mean something to the starter set, by the name of the field: without them most requests stop at the first door. */
export const hints: Hints = {
  typeId: ['quick', 'complex'],
  stage: ['new', 'agreed', 'won', 'lost', 'contact', 'needs', 'offer', 'terms'],
  reason: ['not-a-buyer', 'no-budget', 'double'],
  stages: [
    [
      { id: 'a', name: { en: 'A' }, kind: 'open', probability: 10, requires: [], next: ['b', 'c'] },
      { id: 'b', name: { en: 'B' }, kind: 'won', probability: 100, requires: [], next: [] },
      { id: 'c', name: { en: 'C' }, kind: 'lost', probability: 0, requires: [], next: [] },
    ],
  ],
  channel: ['site', 'partner'],
  welcome: ['welcome'],
  category: ['pumps', 'parts', 'services'],
  currency: ['RUB', 'RUB', 'RUB', 'EUR', 'JPY', 'BHD'],
  zone: ['Europe/Moscow', 'America/New_York'],
  quantity: ['1', '2', '0.5', '1000000'],
  price: ['100', '48500.00', '0.01'],
  discount: ['0', '5', '18', '100'],
  taxPercent: ['20', '0'],
  when: ['deal.discount > 10', 'true', "lead.phone != ''", 'deal.amount > 1000.0 && deal.hasCost'],
  html: ['<p>Hello</p>', '<p>{{ lead.name | default: "you" }}</p>', '{% if x %}'],
  subject: ['Hello', 'Hello {{ lead.name }}'],
  source: ['site', 'partner'],
  answers: [{ need: 'pumps' }, { need: 'x', budget: 'y' }],
  limit: ['1', '2', '100'],
  url: ['https://firm.example/hook', 'https://8.8.8.8/', 'https://10.0.0.1/', 'http://firm.example'],
  types: ['*', ['deal.won'], ['lead.*', 'deal.moved'], ['nothing.at-all']],
  recordId: ['@@client:0@@', '@@lead:1@@', '@@deal:0@@', '@@order:0@@'],
  record: ['@@client:0@@', '@@lead:1@@'],
  since: ['2026-01-01T00:00:00.000Z'],
};
