import * as z from 'zod';
import { isRefusal, refuse, textOf, type Fault, type Locale, type Refusal } from '#shared/errors.ts';
import { problems, type ProblemCode } from '#shared/problems.ts';

/** RFC 9457 as every refusal is answered. */
export const Problem = z.looseObject({
  type: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  title: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })),
});

/** The problem document of anything thrown; what is not a Refusal is ours and says nothing of its inside. */
export function problemOf(
  error: unknown,
  requestId: string,
  locale: Locale,
): { refusal: Refusal; document: z.output<typeof Problem> } {
  const refusal = isRefusal(error) ? error : refuse(isBusy(error) ? 'busy' : 'broken');
  const { code, values, errors, more } = refusal;
  const document = {
    type: `https://sdelka.dev/problems/${code.replaceAll('_', '-')}`,
    status: refusal.status,
    code,
    title: titleOf(code, locale),
    detail: textOf(code, values, locale),
    requestId,
    errors: [...errors],
    ...more,
  };
  return { refusal, document };
}

/** The same for every problem of a code: its text where nothing has to be filled in, else its title or the code in words. */
function titleOf(code: ProblemCode, locale: Locale): string {
  const problem: (typeof problems)[ProblemCode] & { title?: string } = problems[code];
  const text = problem[locale];
  const words = code.replaceAll('_', ' ');
  if (!text.includes('{')) return text.split('.')[0] ?? words;
  return (locale === 'ru' ? problem.title : undefined) ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const BUSY = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TimeoutError',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
const isBusy = (error: unknown): boolean => error instanceof Error && BUSY.has(error.name);

/** Parses or refuses with every fault and where it is. */
export function accept<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' | 'path',
  locale: Locale,
): z.output<S> {
  // The input tells a missing field from one of another type.
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw refuse(
    'invalid',
    {},
    parsed.error.issues.flatMap((issue) => faultsOf(issue, where, locale)),
  );
}

type Issue = z.core.$ZodIssue;

function faultsOf(issue: Issue, where: string, locale: Locale): Fault[] {
  const pointer = `/${[where, ...issue.path.map(String)].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: `${pointer}/${key}`,
      code: 'unknown_field',
      detail: locale === 'ru' ? 'Такого поля нет.' : 'There is no such field.',
    }));
  }
  return [{ pointer, code: issue.code, detail: locale === 'ru' ? inRussian(issue) : issue.message }];
}

function inRussian(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'Поле обязательно.' : `Нужен тип ${issue.expected}.`;
    case 'too_small':
      return `Должно быть не меньше ${String(issue.minimum)}.`;
    case 'too_big':
      return `Должно быть не больше ${String(issue.maximum)}.`;
    case 'invalid_value':
      return `Допустимо: ${issue.values.map(String).join(', ')}.`;
    case 'invalid_format':
      return `Неверный формат: ${issue.format}.`;
    default:
      return issue.message;
  }
}
