import { StatesError } from './error.ts';

/** JSON as workflows pass it on. Values are never changed in place, so states may share them. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** What AWS lets a state, an execution or a task take or give, in bytes of UTF-8. */
export const DATA_LIMIT = 262_144;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value itself. @throws StatesError States.DataLimitExceeded when it is over 256 KiB as JSON */
export function limited(value: Json, what: string): Json {
  if (Buffer.byteLength(JSON.stringify(value)) <= DATA_LIMIT) return value;
  throw new StatesError(
    'States.DataLimitExceeded',
    `${what} has a size exceeding the maximum number of bytes service limit (${DATA_LIMIT}).`,
  );
}
