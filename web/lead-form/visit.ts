/**
 * `<script async src="…/public/visit.js" data-form="site"></script>` on any page of a site, for a form that allows it: the
 * browser keeps a number, and where somebody came from is told under it. The form sends the number along when he fills it in.
 */
const tag = document.currentScript;
const CAMPAIGN = /^(utm_\w+|gclid|yclid)$/;

const newNumber = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** None where the browser keeps nothing: nobody is known again then. */
function visitorOf(): string | undefined {
  try {
    return (localStorage['sdelkaVisitor'] ??= newNumber()) as string;
  } catch {
    return undefined;
  }
}

const visitor = visitorOf();
if (visitor !== undefined && tag instanceof HTMLScriptElement) {
  Object.assign(window, { sdelkaVisitor: visitor });
  const { referrer } = document;
  const { href: page, origin, search } = location;
  const campaign = Object.fromEntries([...new URLSearchParams(search)].filter(([name]) => CAMPAIGN.test(name)));
  const url = `${new URL(tag.src).origin}/public/forms/${encodeURIComponent(tag.dataset['form'] ?? '')}/touches`;
  // Only an arrival from elsewhere; as plain text, so that the browser need not ask first.
  if (!referrer.startsWith(origin)) navigator.sendBeacon(url, JSON.stringify({ visitor, page, referrer, campaign }));
}
