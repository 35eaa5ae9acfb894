// Written by web/gen_types.py from the server's OpenAPI document: `make types`. Not edited by hand.

/** What the page must know of the workspace. */
export interface About {
  name: string;
  time_zone: string;
  currency: string;
  week_start: string;
}

/** An answer: the finding in words, its tables, and what was asked of whom. */
export interface AnswerShape {
  /** The question with all its fields; `name` is which. */
  question: Record<string, unknown>;
  /** Unit, period, filter, comparison, versions of data and identity … */
  asked_of: Record<string, unknown>;
  /** The finding in sentences. */
  words: string[];
  warnings: NoticeShape[];
  /** The main table, by column. */
  table: Record<string, (string | boolean | number | unknown[] | Record<string, unknown> | null)[]>;
  /** Further tables, by name. */
  extras: Record<string, Record<string, (string | boolean | number | unknown[] | Record<string, unknown> | null)[]>>;
  /** Vega-Lite specifications with their data. */
  charts: Record<string, unknown>[];
}

/** A question's fields, and whom and when to ask it of. */
export interface Asked {
  /** `2026-05`, `last 30 days`, `2026-05-01..2026-05-14`; all if none. */
  period?: string | null;
  /** Which events count, such as `channel = 'web'`. */
  filter?: string | null;
  /** Which people count: by an event that fits, or a segment's name. */
  cohort?: string | null;
  /** A field to split by. */
  breakdown?: string | null;
  /** Where the value of the breakdown is taken. */
  at?: string;
  /** How many groups to show. */
  top?: number;
  /** Whether a value of the breakdown may be a list. */
  several?: boolean;
  /** Ask of each `day`, `week`, `month`, `quarter` or `year` by itself. */
  over?: string | null;
  /** Beside what: another period, `cohort:NAME` or `filter:EXPRESSION`; the same as `compare`. */
  against?: string | null;
  /** Share of people to ask. */
  sample?: number;
  /** Up to when the data is known. */
  cutoff?: string | null;
  /** Beside another period, filter or cohort. */
  compare?: Record<string, string> | null;
  /** One person: a handle, or an identity such as `email:ann@x.org`. */
  person?: string | null;
  /** `person`, `session`, `account`, `entity`, `entity:TYPE` or `journey:MAP`. */
  unit?: string;
  /** Which of a person's units count: `1`, `2..`. */
  use?: string | null;
  /** Count as another product would, such as `mixpanel`. */
  like?: string | null;
  /** By an earlier version of who is who. */
  as_of?: number | null;
  /** Beside it what that version of who is who would have said. */
  changed_since?: number | null;
  /** Beside it what stricter and looser rules would say. */
  identity_sensitivity?: boolean;
  /** The question's own fields. */
  fields?: Record<string, unknown>;
}

/** Whom and when to ask of, as the body of a request has it. */
export interface AskedOf {
  /** `2026-05`, `last 30 days`, `2026-05-01..2026-05-14`; all if none. */
  period?: string | null;
  /** Which events count, such as `channel = 'web'`. */
  filter?: string | null;
  /** Which people count: by an event that fits, or a segment's name. */
  cohort?: string | null;
  /** A field to split by. */
  breakdown?: string | null;
  /** Where the value of the breakdown is taken. */
  at?: string;
  /** How many groups to show. */
  top?: number;
  /** Whether a value of the breakdown may be a list. */
  several?: boolean;
  /** Ask of each `day`, `week`, `month`, `quarter` or `year` by itself. */
  over?: string | null;
  /** Beside what: another period, `cohort:NAME` or `filter:EXPRESSION`; the same as `compare`. */
  against?: string | null;
  /** Share of people to ask. */
  sample?: number;
  /** Up to when the data is known. */
  cutoff?: string | null;
  /** Beside another period, filter or cohort. */
  compare?: Record<string, string> | null;
}

/** Entries, newest first. */
export interface AuditLog {
  entries: ListedEntry[];
  /** With `verify=true`. */
  chain?: Chain | null;
}

/** The question is being asked; what is told of it carries this id. */
export interface Begun {
  id: string;
}

/** Login by a provider. */
export interface Button {
  name: string;
  url: string;
}

/** Whether no entry was changed or taken out. */
export interface Chain {
  entries: number;
  head: string;
  holds: boolean;
  broken_at: number | null;
}

/** What went with a user. */
export interface Gone {
  sessions: number;
  tokens: number;
}

export interface HTTPValidationError {
  detail?: ValidationError[];
}

/** A user who has not chosen a password yet, with the address at which they do. */
export interface Invited {
  name: string;
  role: "viewer" | "analyst" | "admin";
  /** Relative to the server's address; it holds for a week, and is shown this once. */
  link: string;
}

/** The answer was known already, or came at once. */
export interface Known {
  id: string;
  /** None where data came while it was made. */
  etag: string | null;
  answer: AnswerShape;
}

/** A user. */
export interface Listed {
  name: string;
  role: "viewer" | "analyst" | "admin";
  by: "password" | "provider" | "link";
  made_at: string | null;
  made_by: string;
  entered_at: string | null;
  sessions: number;
}

/** An entry of the audit log. */
export interface ListedEntry {
  number: number;
  at: string;
  who: string;
  action: string;
  about: string | null;
  details: Record<string, unknown>;
  hash: string;
}

/** A login. */
export interface ListedSession {
  id: string;
  agent: string;
  made_at: string | null;
  seen_at: string | null;
  /** Whether it is the one that asks. */
  here: boolean;
}

/** A token, without its secret. */
export interface ListedToken {
  name: string;
  scopes: ("public" | "ingest" | "read" | "analyst" | "admin" | "erase")[];
  made_at: string | null;
  made_by: string;
  until: string | null;
  used_at: string | null;
}

/** Somebody tells who they are. */
export interface Login {
  name: string;
  password: string;
}

/** A new token. */
export interface MadeToken {
  name: string;
  /** It is shown this once. */
  token: string;
}

/** A metric and its definition. */
export interface MetricShape {
  metric: string;
  group: string;
  says: string;
  question: string;
  fields?: Record<string, unknown>;
  denominator: string;
  own: boolean;
  wanting: string[];
}

/** All metrics, and the words that stand for a workspace's events. */
export interface MetricsShape {
  metrics: MetricShape[];
  words: Record<string, unknown>;
}

/** Somebody is invited. */
export interface NewName {
  name: string;
  role?: "viewer" | "analyst" | "admin";
}

/** A password for another. */
export interface NewPassword {
  old: string;
  new: string;
}

/** A program gets a token. */
export interface NewToken {
  name: string;
  scopes: ("ingest" | "read" | "analyst" | "admin" | "erase")[];
  /** How long it holds, such as `90 days`. */
  expires?: string | null;
}

/** What the reader of an answer must know; the code never changes, the text may. */
export interface NoticeShape {
  code: string;
  text: string;
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

/** A question or a metric, of whom, and on whose stream the answer comes. */
export interface QueryAsked {
  /** `2026-05`, `last 30 days`, `2026-05-01..2026-05-14`; all if none. */
  period?: string | null;
  /** Which events count, such as `channel = 'web'`. */
  filter?: string | null;
  /** Which people count: by an event that fits, or a segment's name. */
  cohort?: string | null;
  /** A field to split by. */
  breakdown?: string | null;
  /** Where the value of the breakdown is taken. */
  at?: string;
  /** How many groups to show. */
  top?: number;
  /** Whether a value of the breakdown may be a list. */
  several?: boolean;
  /** Ask of each `day`, `week`, `month`, `quarter` or `year` by itself. */
  over?: string | null;
  /** Beside what: another period, `cohort:NAME` or `filter:EXPRESSION`; the same as `compare`. */
  against?: string | null;
  /** Share of people to ask. */
  sample?: number;
  /** Up to when the data is known. */
  cutoff?: string | null;
  /** Beside another period, filter or cohort. */
  compare?: Record<string, string> | null;
  /** One person: a handle, or an identity such as `email:ann@x.org`. */
  person?: string | null;
  /** `person`, `session`, `account`, `entity`, `entity:TYPE` or `journey:MAP`. */
  unit?: string;
  /** Which of a person's units count: `1`, `2..`. */
  use?: string | null;
  /** Count as another product would, such as `mixpanel`. */
  like?: string | null;
  /** By an earlier version of who is who. */
  as_of?: number | null;
  /** Beside it what that version of who is who would have said. */
  changed_since?: number | null;
  /** Beside it what stricter and looser rules would say. */
  identity_sensitivity?: boolean;
  /** The question's own fields. */
  fields?: Record<string, unknown>;
  /** The browser's own name for itself, made by chance. */
  client: string;
  question?: string | null;
  metric?: string | null;
  /** Whether an answer from a sample of people is wanted first. */
  preview?: boolean;
}

/** A one-time link is used. */
export interface SetUp {
  /** What stands behind `#token=` in the link. */
  token: string;
  /** What the first admin wants to be called; others have their name. */
  name?: string;
  /** 10 characters or more. */
  password: string;
}

/** How things stand: is there an admin, who has logged in, and what their unsafe requests must carry. */
export interface Standing {
  /** Whether there is no admin yet; the one-time link of `desirepath serve` makes one. */
  setup: boolean;
  user?: WhoIsIt | null;
  /** For the header X-CSRF-Token. */
  csrf?: string | null;
  oidc?: Button | null;
  workspace?: About | null;
}

/** One further table of an answer, where `table` names it. */
export interface TableShape {
  table: Record<string, (string | boolean | number | unknown[] | Record<string, unknown> | null)[]>;
}

export interface ValidationError {
  loc: (string | number)[];
  msg: string;
  type: string;
  input?: unknown;
  ctx?: Record<string, unknown>;
}

/** Who has logged in. */
export interface WhoIsIt {
  name: string;
  /** None for a token. */
  role?: "viewer" | "analyst" | "admin" | null;
  scopes: ("public" | "ingest" | "read" | "analyst" | "admin" | "erase")[];
}

/** By path and verb: what is in the path, the query and the body, and what comes back. */
export interface Routes {
  "/api/ask/{question}": {
    get: { path: { question: string }; query: { period?: string | null; filter?: string | null; cohort?: string | null; breakdown?: string | null; at?: string; top?: number; several?: boolean; over?: string | null; against?: string | null; sample?: number; cutoff?: string | null; person?: string | null; unit?: string; use?: string | null; like?: string | null; as_of?: number | null; changed_since?: number | null; identity_sensitivity?: boolean; table?: string | null; format?: "json" | "csv" | "parquet" | "arrow" | null; fields?: string }; out: AnswerShape | TableShape };
    post: { path: { question: string }; query: { table?: string | null; format?: "json" | "csv" | "parquet" | "arrow" | null }; body: Asked; out: AnswerShape | TableShape };
  };
  "/api/audit": {
    get: { query: { before?: number | null; most?: number; action?: string | null; who?: string | null; verify?: boolean }; out: AuditLog };
  };
  "/api/login": {
    post: { body: Login; out: Standing };
  };
  "/api/logout": {
    post: { out: undefined };
  };
  "/api/metrics": {
    get: { out: MetricsShape };
  };
  "/api/metrics/{metric}": {
    get: { path: { metric: string }; query: { period?: string | null; filter?: string | null; cohort?: string | null; breakdown?: string | null; at?: string; top?: number; several?: boolean; over?: string | null; against?: string | null; sample?: number; cutoff?: string | null; table?: string | null; format?: "json" | "csv" | "parquet" | "arrow" | null }; out: AnswerShape | TableShape };
    post: { path: { metric: string }; query: { table?: string | null; format?: "json" | "csv" | "parquet" | "arrow" | null }; body: AskedOf; out: AnswerShape | TableShape };
  };
  "/api/oidc/callback": {
    get: { query: { state?: string; code?: string; error?: string; iss?: string | null }; out: undefined };
  };
  "/api/oidc/start": {
    get: { query: { to?: string }; out: undefined };
  };
  "/api/password": {
    post: { body: NewPassword; out: Standing };
  };
  "/api/queries": {
    post: { body: QueryAsked; out: Begun | Known };
  };
  "/api/queries/{query}": {
    delete: { path: { query: string }; out: undefined };
  };
  "/api/questions": {
    get: { out: Record<string, Record<string, unknown>> };
  };
  "/api/session": {
    get: { out: Standing };
  };
  "/api/sessions": {
    get: { out: ListedSession[] };
  };
  "/api/sessions/{session}": {
    delete: { path: { session: string }; out: undefined };
  };
  "/api/setup": {
    post: { body: SetUp; out: Standing };
  };
  "/api/sources": {
    get: { out: Record<string, unknown> };
  };
  "/api/stream": {
    get: { query: { client: string }; out: undefined };
  };
  "/api/tokens": {
    get: { out: ListedToken[] };
    post: { body: NewToken; out: MadeToken };
  };
  "/api/tokens/{name}": {
    delete: { path: { name: string }; out: undefined };
  };
  "/api/users": {
    get: { out: Listed[] };
    post: { body: NewName; out: Invited };
  };
  "/api/users/{name}": {
    delete: { path: { name: string }; out: Gone };
  };
  "/healthz": {
    get: { out: Record<string, unknown> };
  };
  "/metrics": {
    get: { out: undefined };
  };
}
