import { type Person } from '../person.ts';
import { fail, type Finding, ok, same, warn } from './finding.ts';

/** What anybody can ask of the public address, and what the local cloud answers to it. */
export async function addressFindings(visitor: Person, url: string): Promise<Finding[]> {
  const reached = await visitor('GET /public/form.js').catch((error: unknown) => error as Error);
  if (reached instanceof Error) {
    const why = reached.cause instanceof Error ? reached.cause.message : reached.message;
    return [fail(`address: ${url} does not answer: ${why}`, 'Look at DNS, certificate and the distribution’s state.')];
  }
  const nobody = await visitor<{ code?: string }>('GET /api/me');
  const search = await visitor<{ code?: string }>('GET /api/search?q=doctor');
  const page = await visitor('GET /');
  return [
    same(
      'address: the form for sites is served',
      reached.status,
      200,
      'Deploy again: the public function lacks form.js.',
    ),
    same(
      'address: the API refuses who is not signed in',
      `${nobody.status} ${nobody.body.code}`,
      '401 unauthorized',
      'Look at the log of the api function.',
    ),
    same(
      'address: search refuses who is not signed in',
      `${search.status} ${search.body.code}`,
      '401 unauthorized',
      'Look at the log of the query function, and at the routes of the HTTP API.',
    ),
    page.status === 200
      ? ok('address: the console is served')
      : warn(`address: no console (${page.status})`, 'Build it in web/ before deploying; the API works without it.'),
  ];
}
