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

/** A question or a metric, of whom, and which of the people behind it. */
export interface BehindAsked {
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
  question?: string | null;
  metric?: string | null;
  /** What selects them: see each question's page. */
  which?: Record<string, unknown>;
  /** A column by which the whole list is sorted, `-` before it for the largest first; what is missing comes last. */
  sort?: string;
  most?: number;
  offset?: number;
}

/** The units behind a number. */
export interface BehindShape {
  total: number;
  units: UnitShape[];
  /** Of the columns of numbers, over all units and not only those here. */
  sums: Record<string, number>;
  /** Reserved. */
  saved_as?: string | null;
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

/** A channel, and how many of the person's events came on it. */
export interface ChannelShape {
  channel: string;
  events: number;
}

/** The rule that says so now, and how many identities changed hands. */
export interface Decided {
  rule: number;
  changed: number;
}

/** What somebody decides of a link, or of a suggestion. */
export interface Decision {
  action: "link" | "cut";
  reason: string;
  /** A link that waits. */
  key?: string | null;
  suggestion?: number | null;
}

/** All definitions. */
export interface DefinitionsShape {
  metrics: MetricDefinition[];
  words: WordDefinition[];
  outcomes: OutcomeDefinition[];
  maps: MapDefinition[];
  /** What keeps the workspace's own files from being read. */
  wrong: string | null;
}

/** One end of a link: an identity, and whose it is. */
export interface EndShape {
  /** Kind, and a hint of the value. */
  hint: string;
  handle: string | null;
  label: string | null;
}

/** A row that was set aside, its values as shapes. */
export interface EntryShape {
  /** Its import. */
  number: number;
  source: string;
  received_at: string;
  table: string;
  file: string;
  line: number | null;
  record: number | null;
  reason: string;
  says: string;
  raw: string;
  cut: boolean;
}

/** One person, and that it is meant. */
export interface Erase {
  identity: string;
  /** The person's label, such as `P-3F2A9C`. */
  confirm: string;
  /** It stands in the log of erasures. */
  reason: string;
}

/** One erasure: when, by whom, why, how much; whom, nobody can tell from it. */
export interface ErasureShape {
  number: number;
  at: string;
  author: string;
  reason: string;
  counts: Record<string, number>;
  done_at: string | null;
  /** A keyed hash of the receipt; null while it is not done. */
  digest: string | null;
}

/** What the data covers, as questions see it. */
export interface ExtentShape {
  first: string | null;
  /** The newest event; the cut-off of questions, where none is given. */
  last: string | null;
  events: number;
  people: number;
  data_version: number;
}

/** What is wrong in a map, and where. */
export interface FaultShape {
  line: number | null;
  column: number | null;
  message: string;
  allowed: string[];
  nearest: string | null;
}

/** What filters and questions may name; the most frequent first. */
export interface FieldsShape {
  /** Names of events. */
  names: string[];
  channels: string[];
  sources: string[];
  /** Properties of events; those of a sample, where there are many events. */
  properties: string[];
}

/** A filter, as the filter language has it. */
export interface FilterAsked {
  filter: string;
}

/** Whether a filter can be read. */
export interface FilterShape {
  ok: boolean;
  problem?: Problem | null;
}

/** What one look found: `problem` makes numbers wrong, `warning` may mislead, `note` is good to know. */
export interface FindingShape {
  look: string;
  severity: "problem" | "warning" | "note";
  says: string;
  do: string;
  source: string | null;
  instance: string | null;
  names: string[];
  details: Record<string, unknown>;
}

/** Who was found, or was here last. */
export interface FoundShape {
  total: number | null;
  found: "identity" | "label" | "recent";
  people: ListedShape[];
}

/** What went with a user. */
export interface Gone {
  sessions: number;
  tokens: number;
}

export interface HTTPValidationError {
  detail?: ValidationError[];
}

/** Something that happened; `repeat` is how often, where it is the same again and again. */
export interface HappenedShape {
  at: string;
  /** The number of the person's visit. */
  session: number | null;
  name: string;
  channel: string | null;
  source: string | null;
  value: number | null;
  currency: string | null;
  /** What the value is, as maps and metrics say; null where they do not, or disagree. */
  amount: "revenue" | "cost" | null;
  /** What it was about: its kind, and a mark by which it is known again. */
  entity: string | null;
  detail: string | null;
  /** What they said, masked. */
  quote: string | null;
  sentiment: number | null;
  score: number | null;
  scale: string | null;
  repeat: number;
}

/** What is wrong with the data now, the worst first, and what was looked at. */
export interface HealthShape {
  at: string;
  findings: FindingShape[];
  looks: LookShape[];
}

/** An identity. */
export interface IdentityOf {
  kind: string;
  value: string;
  strength: string;
}

/** Who is who. */
export interface IdentityShape {
  people: number;
  named: number;
  merged: number;
  passers_by: number;
  identities: number;
  kinds: KindShape[];
  /** How many people have so many identities; 21 stands for more. */
  sizes: [number, number][];
  shared: number;
  kiosks: number;
  links: LinkShape[];
  refused: RefusedShape[];
  open: OpenShape[];
  open_total: number;
  suggestions: SuggestionShape[];
  suggestions_total: number;
  rules: RuleShape[];
  versions: VersionShape[];
  limits: LimitShape[];
  /** Values that the workspace says name nobody. */
  blocked: number;
}

/** A user who has not chosen a password yet, with the address at which they do. */
export interface Invited {
  name: string;
  role: "viewer" | "analyst" | "admin";
  /** Relative to the server's address; it holds for a week, and is shown this once. */
  link: string;
}

/** A request about one person, and how far it is. */
export interface JobShape {
  id: string;
  kind: "look" | "export" | "erase";
  handle: string;
  label: string;
  standing: "running" | "done" | "failed" | "stopped";
  stage: string;
  done: number;
  total: number | null;
  /** What there is, or what was erased. */
  counts: Record<string, number>;
  /** Files of your own that hold a name; they are left as they are. */
  named_in: string[];
  digest: string;
  erasures: number[];
  problem: Record<string, unknown> | null;
}

/** What joined identities, and how often it was seen. */
export interface JoinedShape {
  by: string;
  n: number;
  first: string | null;
}

/** Identities of one kind. */
export interface KindShape {
  kind: string;
  /** strong: names one person; semi: very likely; weak: attached only; apart: not. */
  strength: string;
  identities: number;
  people: number;
}

/** How many identities of a kind a person has; strong ones name one person, weak ones are attached. */
export interface KindsShape {
  kind: string;
  strength: string;
  n: number;
}

/** The answer was known already, or came at once. */
export interface Known {
  id: string;
  /** None where data came while it was made. */
  etag: string | null;
  answer: AnswerShape;
}

/** How long events were on their way lately; seconds. */
export interface LatenessShape {
  events: number;
  median: number;
  /** By 95 of 100. */
  most: number;
}

/** A limit of resolution; it can be changed in workspace.toml. */
export interface LimitShape {
  name: string;
  says: string;
  value: string;
  usual: boolean;
}

/** A one-time link. */
export interface Link {
  /** Relative to the server's address; it holds for a week, and is shown this once. */
  link: string;
}

/** How identities were seen together. */
export interface LinkShape {
  rule: string;
  source: string;
  links: number;
  times: number;
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

/** A person of a list. */
export interface ListedShape {
  handle: string;
  label: string;
  since: string | null;
  last: string | null;
  events: number;
  /** Visits, as questions count them. */
  sessions: number;
  /** Of the events that bring money; null in several currencies. */
  value: number | null;
  currency: string | null;
  channels: string[];
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

/** The last half hour; the last minute is not over. */
export interface LiveShape {
  now: string;
  /** When the newest event of all happened. */
  last: string | null;
  events: number;
  people: number;
  minutes: MinuteShape[];
  names: NameShape[];
  channels: OnChannelShape[];
  journeys: WayShape[];
}

/** Somebody tells who they are. */
export interface Login {
  name: string;
  password: string;
}

/** What was looked at, and how much it found. */
export interface LookShape {
  look: string;
  says: string;
  found: number;
}

/** A new token. */
export interface MadeToken {
  name: string;
  /** It is shown this once. */
  token: string;
}

/** What is wrong in a text, or what it says. */
export interface MapChecked {
  problems: FaultShape[];
  outline: MapOutline | null;
  /** The whole map, as questions about maps take it. */
  form: Record<string, unknown> | null;
}

/** A journey map: what begins and ends an instance, and how each of its outcomes is meant. */
export interface MapDefinition {
  name: string;
  title: string;
  file: string;
  stages: string[];
  touchpoints: number;
  /** Each outcome, and when an instance has it. */
  outcomes: Record<string, string>;
  feedback: string[];
  rules: string[];
  wrong: string | null;
}

/** A map and its file. */
export interface MapFile {
  name: string;
  title: string;
  text: string;
  /** Given back when it is written, so that nobody overwrites what they did not see. */
  etag: string;
  file: string;
  problems: FaultShape[];
  outline: MapOutline | null;
}

/** What a map says, part by part; events as the file has them. */
export interface MapOutline {
  title: string;
  goal: string | string[];
  gives_up_after: string;
  starts: string | string[] | null;
  gives_up: string | string[] | null;
  value: number | null;
  needs: string | null;
  expects: string | null;
  personas: string[];
  stages: StageOutline[];
  feedback: Record<string, unknown>[];
  rules: Record<string, unknown>[];
  variants: Record<string, string | string[]>;
  thresholds: Record<string, number>;
}

/** What was written. */
export interface MapSaved {
  name: string;
  file: string;
  etag: string;
  outline: MapOutline;
}

/** One map of the list. */
export interface MapShape {
  name: string;
  title: string;
  stages: number;
  /** Touchpoints. */
  steps: number;
  file: string;
  /** What is wrong in it, if anything is. */
  problem: string | null;
}

/** The text of a map. */
export interface MapText {
  text: string;
}

/** A map to write. */
export interface MapWritten {
  text: string;
  /** Of what was read; none for a map that is new. */
  etag?: string | null;
}

/** How the rows of a source become events, as of its last import. */
export interface MappingShape {
  /** The connector that reads it; null where columns are described. */
  connector: string | null;
  /** What the connector is called. */
  title: string;
  /** What it reads and where that comes from. */
  about: string;
  /** The source's own names of events, and ours. */
  names: Record<string, string>;
  /** Names that its rows make, where columns are described. */
  events: string[];
  /** What a connector reads, and what becomes of it. */
  streams: Record<string, string>;
  time_zone: string | null;
  options: Record<string, string>;
  /** The mapping as YAML. */
  text: string;
  /** Where it stands in the workspace. */
  file: string;
}

/** A metric: what it says, of whom, and how it is asked. */
export interface MetricDefinition {
  name: string;
  group: string;
  says: string;
  question: string;
  /** As they are written; words begin with `$`. */
  fields: Record<string, unknown>;
  /** The same with words put in; null where one is missing. */
  asked: Record<string, unknown> | null;
  /** Whom it is asked of, beside the period. */
  of: Record<string, unknown>;
  denominator: string;
  matures: string | null;
  form: string;
  better: string | null;
  target: number | null;
  alert: Record<string, number>;
  trap: string | null;
  own: boolean;
  /** Its file in the workspace; null for those that come with desirepath. */
  file: string | null;
  line: number | null;
  words: string[];
  wanting: string[];
  wrong: string | null;
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

/** A minute, by its beginning. */
export interface MinuteShape {
  events: number;
  people: number;
  at: string;
}

/** How something sounds that they said, from -5 (bad) to +5 (good). */
export interface MoodShape {
  at: string;
  value: number;
}

/** A name of events. */
export interface NameShape {
  events: number;
  people: number;
  name: string;
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

/** What a user may do from now on. */
export interface NewRole {
  role: "viewer" | "analyst" | "admin";
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

/** A channel. */
export interface OnChannelShape {
  events: number;
  people: number;
  channel: string;
}

/** A link that waits for a decision. */
export interface OpenShape {
  key: string;
  a: EndShape;
  b: EndShape;
  reason: string;
  says: string;
  rule: string;
  source: string;
  times: number;
  first_at: string;
  last_at: string;
}

/** An outcome, and what lies beneath it. */
export interface OutcomeDefinition {
  name: string;
  says: string;
  goal: string;
  start: string | null;
  within: string;
  window: string;
  metrics: string[];
  maps: string[];
  own: boolean;
  file: string | null;
  line: number | null;
  wrong: string | null;
}

/** One person. */
export interface PersonShape {
  handle: string;
  label: string;
  since: string | null;
  last: string | null;
  events: number;
  /** Visits, as questions count them. */
  sessions: number;
  /** Of the events that bring money; null in several currencies. */
  value: number | null;
  currency: string | null;
  channels: ChannelShape[];
  segments: string[];
  why: KindsShape[];
  joined: JoinedShape[];
  /** Links with others that were not believed. */
  conflicts: number;
  /** Of what they said in words. */
  mood: MoodShape[];
  /** How often they said something, in words or by a score. */
  said: number;
}

/** A place that holds data of people. */
export interface PlaceShape {
  where: string;
  holds: string;
  names_people: boolean;
  bytes: number;
}

/** The row as it stood. */
export interface PlainShape {
  raw: string;
  cut: boolean;
}

/** What is kept, who was erased, and the request of one's own that is under way. */
export interface PrivacyShape {
  retention: RetentionShape;
  erasures: ErasureShape[];
  /** Erasures that were begun and are not finished. */
  pending: number[];
  job: JobShape | null;
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

/** Everything that was set aside. */
export interface QuarantineShape {
  total: number;
  reasons: ReasonShape[];
  entries: EntryShape[];
  /** How many entries follow. */
  more: number;
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
  /** Whether it stands beside something else, and all others go first. */
  aside?: boolean;
}

/** Why somebody wants to know who this is. */
export interface Reason {
  reason: string;
}

/** One reason, how often, and what to do. */
export interface ReasonShape {
  reason: string;
  says: string;
  do: string;
  entries: number;
  sources: string[];
  first_import: number;
  last_import: number;
}

/** Links that joined nobody, by reason. */
export interface RefusedShape {
  reason: string;
  says: string;
  links: number;
  /** How many of them somebody must decide; the others follow from what was seen. */
  waits: number;
}

/** What is kept and how long: until it is erased, for nothing goes by itself. */
export interface RetentionShape {
  says: string;
  first_event: string | null;
  last_event: string | null;
  years: YearShape[];
  places: PlaceShape[];
}

/** Who it is. */
export interface RevealedShape {
  identities: IdentityOf[];
}

/** A decision of somebody. */
export interface RuleShape {
  rule: number;
  action: string;
  a: string | null;
  b: string | null;
  undone: number | null;
  author: string;
  reason: string;
  at: string;
  standing: boolean;
}

/** What is saved: the address has whom, when and which view; the numbers are those of the day. */
export interface Saved {
  title: string;
  address: string;
  /** Which question it is, for whoever reads the file. */
  question?: string | null;
  /** Whose it is; whoever saves it, if left out. */
  owner?: string | null;
}

/** A saved question. */
export interface SavedShape {
  title: string;
  address: string;
  /** Which question it is, for whoever reads the file. */
  question?: string | null;
  /** Whose it is; whoever saves it, if left out. */
  owner?: string | null;
  name: string;
}

/** Whom to name: people with an event that fits, or the people behind a number. Without a question `filter` is what an event of theirs must fit; with one, it is which events the question counts. */
export interface SegmentAsked {
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
  question?: string | null;
  metric?: string | null;
  /** What selects them, as for the people behind. */
  which?: Record<string, unknown>;
}

/** A segment. */
export interface SegmentShape {
  name: string;
  /** How many are in it at present; null where that is not known yet. */
  size: number | null;
  /** `person` or `account`. */
  unit: string;
  /** People with an event that fits; or the people behind a number of a question. */
  where: string | null;
  question: string | null;
  fields: Record<string, unknown> | null;
  asked_of: Record<string, unknown> | null;
  which: Record<string, unknown> | null;
  /** Why its people cannot be found at present. */
  problem: string | null;
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

/** One source: received = stored + duplicate + quarantined, and stored = events + snapshots. */
export interface SourceShape {
  source: string;
  instance: string;
  imports: number;
  received: number;
  stored: number;
  duplicate: number;
  quarantined: number;
  /** Events there are now; inferred ones, which nobody sent, are among them. */
  events: number;
  snapshots: number;
  last_event: string | null;
  last_received: string | null;
  /** Share of its events that no firm identity names. */
  unnamed: number | null;
  names: number;
  /** Kinds of identities that its events carry, the most frequent first. */
  kinds: string[];
  new_names: string[];
  new_properties: string[];
  gone_names: string[];
  unmapped_names: string[] | null;
  adds_up: boolean;
  /** How what is new gets here. */
  comes: "collector" | "pull" | "files";
  /** Seconds between pulls. */
  every: number | null;
  /** What stops its pulls. */
  problem: string | null;
  first_day: string | null;
  /** Events of each day from `first_day` to the last day of the workspace. */
  days: number[];
  lateness: LatenessShape | null;
  mapping: MappingShape | null;
}

/** All sources, and what waits. */
export interface SourcesShape {
  now: string;
  sources: SourceShape[];
  waiting: WaitingShape;
  /** What the pulls of this server gave, and their problems. */
  sync: Record<string, unknown>;
  /** The folder that is watched, and what came of it. */
  watch: Record<string, unknown> | null;
}

/** A stage and its steps: touchpoints, or blocks of them. */
export interface StageOutline {
  name: string;
  map: string | null;
  owner: string | null;
  limit: string | null;
  needs: string | null;
  expects: string | null;
  steps: Record<string, unknown>[];
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

/** Some of what happened, in the order that was asked for. */
export interface StoryShape {
  rows: HappenedShape[];
  /** Newest first: given back for what is older; null at the end. */
  before: string | null;
  /** Oldest first: given back for what is newer; null at the end. */
  after: string | null;
}

/** A touchpoint, and how many journeys wait there. */
export interface StuckShape {
  touchpoint: string;
  stage: string | null;
  waiting: number;
  /** Of those; null where too few stays have ended to tell. */
  longer_than_usual: number | null;
  /** Within which three in four go on, of those who do. */
  usual_seconds: number | null;
}

/** Two people who may be one. */
export interface SuggestionShape {
  number: number;
  a: EndShape;
  b: EndShape;
  score: number;
  undisputed: boolean;
  why: string[];
}

/** One further table of an answer, where `table` names it. */
export interface TableShape {
  table: Record<string, (string | boolean | number | unknown[] | Record<string, unknown> | null)[]>;
}

/** Why a rule is taken back. */
export interface TakenBack {
  reason: string;
}

/** A stage, and how many journeys are there and not over. */
export interface ThereShape {
  stage: string;
  now: number;
}

/** One unit that a number counts, and what the question says of it. */
export interface UnitShape {
  handle: string;
  label: string;
}

export interface ValidationError {
  loc: (string | number)[];
  msg: string;
  type: string;
  input?: unknown;
  ctx?: Record<string, unknown>;
}

/** One value of a field, and of how many of the events that were looked at it is. */
export interface ValueShape {
  value: string;
  events: number;
}

/** A version of who is who. */
export interface VersionShape {
  version: number;
  made_at: string;
  cause: string;
  changed: number;
}

/** What was collected and is not stored yet. */
export interface WaitingShape {
  requests: number;
  events: number;
  since: string | null;
}

/** A journey map at present. */
export interface WayShape {
  map: string;
  title: string;
  stages: ThereShape[];
  stuck: StuckShape[];
}

/** One entry, by where it stood. */
export interface WhichEntry {
  number: number;
  table: string;
  file: string;
  line?: number | null;
  record?: number | null;
  reason: string;
}

/** Who has logged in. */
export interface WhoIsIt {
  name: string;
  /** None for a token. */
  role?: "viewer" | "analyst" | "admin" | null;
  scopes: ("public" | "ingest" | "read" | "analyst" | "admin" | "erase")[];
}

/** One person, by an identity such as `email:ann@example.org`, an id or a handle. */
export interface Whom {
  identity: string;
}

/** A word, and what it stands for here. */
export interface WordDefinition {
  word: string;
  means: string | null;
  own: boolean;
  file: string | null;
  line: number | null;
  used_by: string[];
}

/** How much there is of a year. */
export interface YearShape {
  year: number;
  events: number;
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
  "/api/definitions": {
    get: { out: DefinitionsShape };
  };
  "/api/extent": {
    get: { out: ExtentShape };
  };
  "/api/fields": {
    get: { out: FieldsShape };
  };
  "/api/filters/check": {
    post: { body: FilterAsked; out: FilterShape };
  };
  "/api/health": {
    get: { out: HealthShape };
  };
  "/api/identity": {
    get: { out: IdentityShape };
  };
  "/api/identity/decisions": {
    post: { body: Decision; out: Decided };
  };
  "/api/identity/rules/{rule}/undo": {
    post: { path: { rule: number }; body: TakenBack; out: Decided };
  };
  "/api/live": {
    get: { out: LiveShape };
  };
  "/api/login": {
    post: { body: Login; out: Standing };
  };
  "/api/logout": {
    post: { out: undefined };
  };
  "/api/maps": {
    get: { out: MapShape[] };
  };
  "/api/maps/check": {
    post: { body: MapText; out: MapChecked };
  };
  "/api/maps/{name}": {
    get: { path: { name: string }; out: MapFile };
    put: { path: { name: string }; body: MapWritten; out: MapSaved };
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
  "/api/people": {
    get: { query: { q?: string; sort?: string; most?: number; offset?: number }; out: FoundShape };
  };
  "/api/people/behind": {
    post: { body: BehindAsked; out: BehindShape };
  };
  "/api/people/{handle}": {
    get: { path: { handle: string }; out: PersonShape };
  };
  "/api/people/{handle}/reveal": {
    post: { path: { handle: string }; body: Reason; out: RevealedShape };
  };
  "/api/people/{handle}/timeline": {
    get: { path: { handle: string }; query: { order?: "newest" | "oldest"; before?: string | null; after?: string | null; most?: number; channel?: string | null }; out: StoryShape };
  };
  "/api/privacy": {
    get: { out: PrivacyShape };
  };
  "/api/privacy/erase": {
    post: { body: Erase; out: JobShape };
  };
  "/api/privacy/export": {
    post: { body: Whom; out: JobShape };
  };
  "/api/privacy/jobs/{job}": {
    get: { path: { job: string }; out: JobShape };
    delete: { path: { job: string }; out: undefined };
  };
  "/api/privacy/jobs/{job}/document": {
    get: { path: { job: string }; out: unknown };
  };
  "/api/privacy/look": {
    post: { body: Whom; out: JobShape };
  };
  "/api/quarantine": {
    get: { query: { reason?: string | null; source?: string | null; most?: number; offset?: number }; out: QuarantineShape };
  };
  "/api/quarantine/reveal": {
    post: { body: WhichEntry; out: PlainShape };
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
  "/api/saved": {
    get: { out: SavedShape[] };
  };
  "/api/saved/{name}": {
    put: { path: { name: string }; body: Saved; out: SavedShape };
    delete: { path: { name: string }; out: undefined };
  };
  "/api/segments": {
    get: { out: SegmentShape[] };
  };
  "/api/segments/{name}": {
    put: { path: { name: string }; body: SegmentAsked; out: SegmentShape };
    delete: { path: { name: string }; out: undefined };
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
    get: { out: SourcesShape };
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
    put: { path: { name: string }; body: NewRole; out: undefined };
    delete: { path: { name: string }; out: Gone };
  };
  "/api/users/{name}/link": {
    post: { path: { name: string }; out: Link };
  };
  "/api/values": {
    get: { query: { field: string }; out: ValueShape[] };
  };
  "/healthz": {
    get: { out: Record<string, unknown> };
  };
  "/metrics": {
    get: { out: undefined };
  };
}
