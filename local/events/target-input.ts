/** How a rule makes the input of a target from an event: at most one of the three. */
export type TargetInput = {
  Input?: string | undefined;
  InputPath?: string | undefined;
  InputTransformer?: { InputPathsMap?: Record<string, string> | undefined; InputTemplate: string } | undefined;
};
type RuleName = { name: string; arn: string };

export function targetInput(target: TargetInput, event: Record<string, unknown>, rule: RuleName): unknown {
  if (target.Input !== undefined) return JSON.parse(target.Input) as unknown;
  if (target.InputPath !== undefined) return valueAt(target.InputPath, event);
  if (target.InputTransformer) return transformed(target.InputTransformer, event, rule);
  return event;
}

/** A plain path like `$.detail.lines[0].sku`. */
function valueAt(path: string, event: unknown): unknown {
  if (!path.startsWith('$')) throw new Error(`${path} is not a JSON path: it starts with $`);
  let value = event;
  for (const [, field, index] of path.slice(1).matchAll(/\.([\w-]+)|\[(\d+)\]/g))
    value = (value as Record<string, unknown> | null | undefined)?.[field ?? index ?? ''];
  return value;
}

/** Fills `<name>` in: as a JSON value, or as text where it stands inside a string. */
function transformed(
  { InputPathsMap = {}, InputTemplate }: NonNullable<TargetInput['InputTransformer']>,
  event: Record<string, unknown>,
  rule: RuleName,
): unknown {
  const values: Record<string, unknown> = {
    'aws.events.rule-name': rule.name,
    'aws.events.rule-arn': rule.arn,
    'aws.events.event': event,
    'aws.events.event.json': event,
    'aws.events.event.ingestion-time': event['time'],
  };
  for (const [name, path] of Object.entries(InputPathsMap)) values[name] = valueAt(path, event);
  let inString = false;
  const text = InputTemplate.replaceAll(/\\.|"|<([\w.-]+)>/g, (whole, name: string | undefined) => {
    if (whole === '"') inString = !inString;
    if (name === undefined) return whole;
    return inString ? insideString(values[name]) : (JSON.stringify(values[name]) ?? 'null');
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function insideString(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}
