import { fold } from '#shared/text.ts';
import { taxIdKey } from './client.ts';
import type { Reason } from './pair.ts';

/** What of a person or client is compared. */
export type Likeable = {
  id: string;
  name?: string | undefined;
  emails?: readonly string[];
  phones?: readonly string[];
  taxIds?: readonly string[];
};
export type Proposal = { id: string; score: number; reasons: Reason[] };

/** Words that say what a firm is by law and not what it is called; Latin spellings of Russian ones too. */
const LEGAL_FORMS = new Set(
  (
    'ооо оао зао пао ао нао ип чп ано нко тоо одо гуп муп фгуп фгбу гбу оо общество ограниченной ответственностью акционерное ' +
    'индивидуальный предприниматель компания фирма группа ooo oao zao pao ao ip llc ltd limited inc incorporated corp ' +
    'corporation co company gmbh ag kg ug ohg mbh sa sas sarl srl spa bv nv oy oyj ab as asa aps plc lp llp lllp pty pte ' +
    'kft zrt sro spol doo dd ood ead sl slu lda the group holding'
  ).split(' '),
);

/** Mail that says nothing of where somebody works. */
const FREE_MAIL = new Set(
  (
    'mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru gmail.com googlemail.com outlook.com ' +
    'hotmail.com live.com msn.com icloud.com me.com yahoo.com aol.com proton.me protonmail.com gmx.de gmx.net web.de ukr.net'
  ).split(' '),
);

const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'а:a б:b в:v г:g д:d е:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:h ц:ts ч:ch ш:sh щ:sch ъ: ы:y ' +
    'ь: э:e ю:yu я:ya і:i ї:i є:e ґ:g ў:u'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

const inLatin = (word: string): string => word.replaceAll(/\p{Script=Cyrillic}/gu, (letter) => LATIN[letter] ?? letter);

/** Ways to write the same sound, in the order in which they are made one. */
const SOUNDS: readonly [RegExp, string][] = [
  [/shch|sch|sh/g, 's'],
  [/tch|ch/g, 'c'],
  [/zh/g, 'z'],
  [/kh/g, 'h'],
  [/ph/g, 'f'],
  [/ts|tz/g, 'z'],
  [/ck/g, 'k'],
  [/x/g, 'ks'],
  [/w/g, 'v'],
  [/q/g, 'k'],
  [/c(?=[aouklrt]|$)/g, 'k'],
  [/[yji]+(?=[aeou])/g, ''],
  [/[yj]/g, 'i'],
  [/(.)\1+/g, '$1'],
];

/** A word as it sounds, in Latin letters: `Щукин` and `Shchukin` are one, `Ромашка` and `Romashka` too. */
export function soundOf(word: string): string {
  const latin = inLatin(fold(word).normalize('NFD').replaceAll(/\p{M}/gu, ''));
  return SOUNDS.reduce((text, [sound, one]) => text.replaceAll(sound, one), latin);
}

/** The words of a name that tell it from others, as they sound; all of them where nothing but a legal form is left. */
export function wordsOf(name: string): string[] {
  const all = fold(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const telling = all.filter((word) => !LEGAL_FORMS.has(word));
  return (telling.length > 0 ? telling : all).map(soundOf).filter((word) => word !== '');
}

/** Steps from one text to another: a letter more, less, other, or two changed places (Damerau–Levenshtein, adjacent swaps). */
export function stepsBetween(a: string, b: string): number {
  let [older, old] = [[] as number[], Array.from({ length: b.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const least = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(least, (older[j - 2] ?? 0) + 1) : least);
    }
    [older, old] = [old, row];
  }
  return old[b.length] ?? 0;
}

/** How alike two words are, 0 to 1; short ones must be equal, an initial stands for its word in part. */
function likeness(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? 0.6 : 0;
  const longer = Math.max(a.length, b.length);
  if (longer < 4) return 0;
  const share = 1 - stepsBetween(a, b) / longer;
  return share >= 0.7 ? share : 0;
}

/** How alike two names are, 0 to 1, whatever the order of their words. A name with all words of the other counts for most of it. */
export function nameLikeness(one: string, other: string): number {
  const [few, many] = [wordsOf(one), wordsOf(other)].sort((a, b) => a.length - b.length) as [string[], string[]];
  if (few.length === 0) return 0;
  const left = [...many];
  let [met, length] = [0, 0];
  for (const word of few) {
    const shares = left.map((candidate) => likeness(word, candidate));
    const best = Math.max(0, ...shares);
    const place = shares.indexOf(best);
    if (best > 0) left.splice(place, 1);
    met += best * word.length;
    length += word.length;
  }
  const share = met / length;
  const rest = left.reduce((sum, word) => sum + word.length, 0);
  const whole = (2 * met) / (2 * length + rest);
  return few.length > 1 && left.length > 0 ? Math.max(whole, share * 0.9) : whole;
}

const shared = (a: readonly string[] = [], b: readonly string[] = []): string | undefined =>
  a.find((value) => b.includes(value));
const domainsOf = ({ emails = [] }: Likeable): string[] =>
  emails.flatMap((email) => {
    const domain = email.split('@')[1] ?? '';
    return domain === '' || FREE_MAIL.has(domain) ? [] : [domain];
  });
/** The number without country and area, as people remember it. */
const tailsOf = ({ phones = [] }: Likeable): string[] => phones.map((phone) => phone.replace(/\D/g, '').slice(-7));
const numbersOf = ({ taxIds = [] }: Likeable): string[] => taxIds.map(taxIdKey);

function byName(a: Likeable, b: Likeable): Reason[] {
  if (a.name === undefined || b.name === undefined) return [];
  const like = nameLikeness(a.name, b.name);
  const weight = like >= 0.97 ? 50 : like >= 0.85 ? 40 : like >= 0.7 ? 25 : 0;
  return weight === 0 ? [] : [{ by: 'name', weight, detail: `${a.name} / ${b.name}` }];
}

/** Why two records may be one, each reason with its weight. */
export function reasonsFor(a: Likeable, b: Likeable): Reason[] {
  const [email, phone] = [shared(a.emails, b.emails), shared(a.phones, b.phones)];
  const taxId = shared(numbersOf(a), numbersOf(b));
  const tail = phone === undefined ? shared(tailsOf(a), tailsOf(b)) : undefined;
  const domain = email === undefined ? shared(domainsOf(a), domainsOf(b)) : undefined;
  return [
    ...(taxId === undefined ? [] : [{ by: 'taxId' as const, weight: 80, detail: taxId }]),
    ...(email === undefined ? [] : [{ by: 'email' as const, weight: 60, detail: email }]),
    ...(phone === undefined ? [] : [{ by: 'phone' as const, weight: 50, detail: phone }]),
    ...byName(a, b),
    ...(tail === undefined ? [] : [{ by: 'phone-tail' as const, weight: 20, detail: tail }]),
    ...(domain === undefined ? [] : [{ by: 'email-domain' as const, weight: 10, detail: domain }]),
  ];
}

/** What somebody has seen already: an address two records came with, by the id of the other. */
export type Seen = ReadonlyMap<string, readonly Reason['by'][]>;
const SEEN_WEIGHT = { taxId: 80, email: 60, phone: 50, name: 40, 'phone-tail': 20, 'email-domain': 10 } as const;
const ENOUGH = 40;

/** Those of the candidates that may be the same as a record, the likeliest first, each with its reasons. */
export function proposals(record: Likeable, candidates: readonly Likeable[], seen: Seen = new Map()): Proposal[] {
  return candidates
    .filter(({ id }) => id !== record.id)
    .map((candidate) => {
      const found = reasonsFor(record, candidate);
      const more = (seen.get(candidate.id) ?? [])
        .filter((by) => !found.some((reason) => reason.by === by))
        .map((by) => ({ by, weight: SEEN_WEIGHT[by] }));
      const reasons = [...found, ...more].sort((a, b) => b.weight - a.weight);
      return {
        id: candidate.id,
        reasons,
        score: Math.min(
          100,
          reasons.reduce((sum, { weight }) => sum + weight, 0),
        ),
      };
    })
    .filter(({ score }) => score >= ENOUGH)
    .sort((a, b) => b.score - a.score);
}

const RUSSIAN: readonly [string, string][] = Object.entries(LATIN)
  .filter(([, latin]) => latin !== '')
  .map(([russian, latin]): [string, string] => [latin, russian])
  .sort(([a], [b]) => b.length - a.length);

/** How a word written in one alphabet may begin in the other. */
function twin(word: string): string {
  if (/[а-я]/.test(word)) return inLatin(word);
  let [text, rest] = ['', word];
  while (rest !== '') {
    const found = RUSSIAN.find(([latin]) => rest.startsWith(latin));
    text += found?.[1] ?? rest[0] ?? '';
    rest = rest.slice(found?.[0].length ?? 1);
  }
  return text;
}

const PIECE = 4;
/** What to search for to find all that may be the same: beginnings and ends of words in both alphabets, numbers, domains. */
export function piecesOf(record: Likeable): string[] {
  const words = fold(record.name ?? '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2 && !LEGAL_FORMS.has(word));
  const pieces = words
    .flatMap((word) => [word, twin(word)])
    .flatMap((word) => [word.slice(0, PIECE), word.slice(-PIECE)]);
  return [...new Set([...pieces, ...tailsOf(record), ...domainsOf(record)])].filter((piece) => piece.length > 2);
}
