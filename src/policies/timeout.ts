/** What a timeout is asked for. `derivedMs` is what the library would choose. */
export type TimeoutQuestion =
  | { readonly scope: 'call'; readonly service: string; readonly operation: string; readonly derivedMs: number }
  | { readonly scope: 'step'; readonly stepId: string; readonly derivedMs: number }
  | { readonly scope: 'rollout'; readonly kind: string; readonly derivedMs: number };

/** How long something may take, in milliseconds. Pure. */
export type TimeoutPolicy = (question: TimeoutQuestion) => number;
