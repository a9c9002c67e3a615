import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Machine } from '../states/engine.ts';
import type { Assembly } from './assembly.ts';

const Props = z.object({
  RoleArn: z.string(),
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
});

/** The state machines with the text of their definitions, every substitution made; `role` is the role's logical id. */
export function machinesOf({ resources, asset }: Assembly): Machine[] {
  const roles = new Map(resources.filter(({ type }) => type === 'AWS::IAM::Role').map(({ arn, id }) => [arn, id]));
  return resources
    .filter(({ type }) => type === 'AWS::StepFunctions::StateMachine')
    .map(({ id, name, arn, props }) => {
      const parsed = Props.safeParse(props);
      if (!parsed.success) throw new Error(`State machine ${id} cannot be run: ${z.prettifyError(parsed.error)}`);
      const { RoleArn, DefinitionString, DefinitionS3Location, DefinitionSubstitutions } = parsed.data;
      const text = DefinitionS3Location ? readFileSync(asset(DefinitionS3Location.Key), 'utf8') : DefinitionString;
      if (text === undefined) throw new Error(`State machine ${id} has no definition.`);
      return { arn, name, role: roles.get(RoleArn) ?? '', definition: substituted(text, DefinitionSubstitutions, id) };
    });
}

/** `${Name}` is replaced as CloudFormation does it, inside JSON strings too. */
const substituted = (text: string, values: Readonly<Record<string, string>>, id: string): string =>
  text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new Error(`State machine ${id}: its definition uses \${${name}}, which nothing fills.`);
    return value;
  });
