import type { Answer, Call } from '../front.ts';
import type { Upstream } from '../upstream.ts';

/** The store behind us takes at most 11 MiB in one request, S3 takes 5 GB; a larger body goes there in parts. */
const PART = 8 * 1024 * 1024;

/** Sends a PutObject on, whatever its size. */
export function sendPut(store: Upstream, call: Call): Promise<Answer> {
  return call.body.length > PART ? sendInParts(store, call) : store.send(call, call.body);
}

async function sendInParts(store: Upstream, call: Call): Promise<Answer> {
  const [path = ''] = call.path.split('?');
  const content = call.headers['x-amz-decoded-content-length'] ? withoutChunks(call.body) : call.body;
  const headers = Object.fromEntries(
    Object.entries(call.headers).filter(([name]) =>
      /^(authorization|content-(type|disposition)|cache-control|x-amz-meta-)/.test(name),
    ),
  );
  const ask = (method: string, query: string, body?: Buffer) =>
    store.send({ method, path: `${path}?${query}`, headers }, body);
  const started = await ask('POST', 'uploads');
  const id = /<UploadId>([^<]+)</.exec(started.body.toString())?.[1];
  if (!id) return started;
  const parts: string[] = [];
  for (let at = 0; at < content.length; at += PART) {
    const number = parts.length + 1;
    const part = await ask('PUT', `partNumber=${number}&uploadId=${id}`, content.subarray(at, at + PART));
    if (part.status !== 200) return part;
    parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${part.headers?.['etag']}</ETag></Part>`);
  }
  const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  const done = await ask('POST', `uploadId=${id}`, Buffer.from(list));
  const etag = /<ETag>([^<]+)</.exec(done.body.toString())?.[1]?.replaceAll('&quot;', '"');
  return done.status === 200 && etag ? { status: 200, headers: { etag }, body: '' } : done;
}

/** The content inside AWS's chunked encoding: `size[;signature]\r\n`, bytes, `\r\n`, …, `0`, trailers. */
function withoutChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (end < 0 || !(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
