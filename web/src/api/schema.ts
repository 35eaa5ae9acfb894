// Written by web/gen_types.py from the server's OpenAPI document: `make types`. Not edited by hand.

/** A question's fields, and whom and when to ask it of. */
export interface Asked {
  period?: string | null;
  filter?: string | null;
  cohort?: string | null;
  breakdown?: string | null;
  at?: string;
  top?: number;
  several?: boolean;
  over?: string | null;
  compare?: Record<string, string> | null;
  sample?: number;
  cutoff?: string | null;
  /** The question's own fields. */
  fields?: Record<string, unknown>;
  person?: string | null;
  unit?: string;
  use?: string | null;
}

/** Whom and when to ask of, as `Workspace.ask` takes it. */
export interface AskedOf {
  period?: string | null;
  filter?: string | null;
  cohort?: string | null;
  breakdown?: string | null;
  at?: string;
  top?: number;
  several?: boolean;
  over?: string | null;
  compare?: Record<string, string> | null;
  sample?: number;
  cutoff?: string | null;
}

/** What was wrong, what was allowed, the nearest match, and where we looked. */
export interface Problem {
  /** The kind of error, such as `UnknownNameError`. */
  error: string;
  message: string;
  allowed?: string[];
  nearest?: string | null;
  looked?: string | null;
}

/** By path and verb: what is in the path, the query and the body, and what comes back. */
export interface Routes {
  "/api/ask/{question}": {
    post: { path: { question: string }; body: Asked; out: unknown };
  };
  "/api/metrics": {
    get: { out: Record<string, unknown> };
  };
  "/api/metrics/{metric}": {
    post: { path: { metric: string }; body: AskedOf; out: unknown };
  };
  "/api/questions": {
    get: { out: Record<string, unknown> };
  };
  "/api/sources": {
    get: { out: Record<string, unknown> };
  };
  "/healthz": {
    get: { out: Record<string, unknown> };
  };
  "/metrics": {
    get: { out: undefined };
  };
}
