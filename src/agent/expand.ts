/**
 * Replaces `$(NAME)` by the variable's value as Kubernetes does: an unknown name stays as it is, `$$` is a dollar sign, so `$$(NAME)` gives the text
 * `$(NAME)`.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? variables[name]! : whole;
  });
}
