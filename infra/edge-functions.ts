/** Code of the CloudFront Functions: JavaScript runtime 2.0, no imports, under 10 kB, a millisecond at most. */

/** Pages of the console have no dot in their last part: each of them is index.html. */
export const PAGES_ARE_INDEX = `function handler(event) {
  var request = event.request;
  if (request.uri.split('/').pop().indexOf('.') < 0) request.uri = '/index.html';
  return request;
}`;

/** Tells the API the viewer's address; whatever a viewer claims in that header is overwritten. */
export const TELL_ADDRESS = `function handler(event) {
  event.request.headers['x-viewer-address'] = { value: event.viewer.ip };
  return event.request;
}`;
