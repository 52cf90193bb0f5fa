import { bootVariables } from './boot-variables.ts';
import { limitVariables } from './limit-variables.ts';
import { networkVariables } from './network-variables.ts';
import { serviceVariables } from './service-variables.ts';

/**
 * Every variable of the appliance, once. `.env.example`, the README's table and compose.yaml are made or checked from this list.
 * `example` is a right value: it is shown in `.env.example` where there is no default, and in error messages.
 */
export const variables = {
  ...networkVariables,
  ...bootVariables,
  ...serviceVariables,
  ...limitVariables,
} as const;

export type VariableName = keyof typeof variables;
