import { AccessDenied, type Access, type Authorize, type Resource } from '../contract.ts';
import { compileDocument, refusal, verdict, type Statement } from './statement.ts';

/** The caller that may do everything: the local cloud itself and the operator's own tools. */
export const ROOT = 'local-root';

/** AWS's managed policies the template may name; each other one must be written out as statements. */
const MANAGED: Readonly<Record<string, object>> = {
  AWSLambdaBasicExecutionRole: {
    Statement: {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  },
};

type Role = { id: string; title: string; statements: Statement[]; byAction: Map<string, Statement[]> };

/**
 * Makes the check that every front asks, from the roles and policies of the template. A caller is a role's logical id.
 * @throws an Error naming policy and element when the template holds something it cannot evaluate
 */
export function identityPolicies(resources: readonly Resource[]): Authorize {
  const roles = new Map(rolesOf(resources).map((role) => [role.id, role]));
  return (caller, access) => {
    if (caller === ROOT) return;
    const role = roles.get(caller);
    if (!role) throw denied(`role ${caller}, which the template does not have,`, access, '');
    const answer = verdict(statementsFor(role, access.action), access);
    if (answer === 'Allow') return;
    throw denied(
      role.title,
      access,
      answer === 'Deny'
        ? ' with an explicit deny in an identity-based policy'
        : ` because no identity-based policy allows the ${access.action} action`,
    );
  };
}

function statementsFor(role: Role, action: string): Statement[] {
  let found = role.byAction.get(action);
  if (!found) {
    found = role.statements.filter((statement) => statement.action(action));
    role.byAction.set(action, found);
  }
  return found;
}

function denied(who: string, { action, resource, context = {} }: Access, why: string): AccessDenied {
  const asked = Object.entries(context).map(([key, values]) => `${key}: ${values.join(', ')}`);
  return new AccessDenied(
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource}${why}` +
      (asked.length ? ` (${asked.join('; ')})` : ''),
  );
}

function rolesOf(resources: readonly Resource[]): Role[] {
  const functions = Map.groupBy(
    resources.filter(({ type }) => type === 'AWS::Lambda::Function'),
    ({ props }) => String(props['Role']),
  );
  const attached = resources.filter(({ type }) => type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy');
  return resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map((role) => {
      const users = functions.get(role.arn)?.map(({ name }) => name) ?? [];
      const statements = [
        ...inlineOf(role),
        ...attached
          .filter(({ props }) => listOf(props['Roles']).includes(role.name))
          .flatMap(({ id, props }) => compileDocument(props['PolicyDocument'], `policy ${id}`)),
        ...managedOf(role, attached),
      ];
      const title = `role ${role.id}${users.length ? ` (function ${users.join(', ')})` : ''}`;
      return { id: role.id, title, statements, byAction: new Map() };
    });
}

function inlineOf({ id, props }: Resource): Statement[] {
  if (props['PermissionsBoundary']) throw refusal(`role ${id}`, 'element PermissionsBoundary');
  return listOf(props['Policies']).flatMap((policy) => {
    const { PolicyName, PolicyDocument } = policy as Record<string, unknown>;
    return compileDocument(PolicyDocument, `policy ${String(PolicyName)} of role ${id}`);
  });
}

function managedOf(role: Resource, attached: readonly Resource[]): Statement[] {
  return listOf(role.props['ManagedPolicyArns']).flatMap((arn) => {
    const own = attached.find((policy) => policy.arn === arn || policy.name === arn);
    if (own) return compileDocument(own.props['PolicyDocument'], `policy ${own.id}`);
    const name = String(arn).split('/').pop() ?? '';
    const document = MANAGED[name];
    if (!document) throw refusal(`role ${role.id}`, `managed policy ${JSON.stringify(arn)}`);
    return compileDocument(document, name);
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
