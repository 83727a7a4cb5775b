create type ticket_state as enum ('new', 'open', 'waiting', 'solved', 'closed', 'spam');
create table agents (
  id int generated always as identity primary key,
  login text not null unique,
  team text not null,
  languages text[] not null default '{}',
  on_leave boolean not null default false
);
create table requesters (
  id bigint generated always as identity primary key,
  email text not null,
  phone text,
  org text,
  locale text not null,
  created_at timestamptz not null,
  merged_into bigint references requesters (id)
);
create table tickets (
  id bigint generated always as identity primary key,
  number text not null,
  subject text not null,
  description text not null,
  state ticket_state not null default 'new',
  priority smallint not null default 3,
  channel text not null,
  requester_id bigint not null references requesters (id),
  assignee_id int references agents (id),
  labels text[] not null default '{}',
  watchers int[] not null default '{}',
  custom jsonb not null default '{}',
  doc tsvector generated always as (setweight(to_tsvector('english', subject), 'A') || setweight(to_tsvector('english', description), 'B')) stored,
  opened_at timestamptz not null,
  due_at timestamptz,
  solved_at timestamptz,
  satisfaction smallint,
  parent_id bigint references tickets (id)
);
create table comments (
  id bigint generated always as identity primary key,
  ticket_id bigint not null references tickets (id) on delete cascade,
  author_kind text not null,
  author_id bigint not null,
  body text not null,
  internal boolean not null default false,
  posted_at timestamptz not null
);
create index comments_ticket on comments (ticket_id, posted_at);
create table attachments (
  id uuid primary key,
  comment_id bigint not null references comments (id) on delete cascade,
  sha256 text not null,
  mime text not null,
  bytes bigint not null,
  scanned_at timestamptz
);
create table events (
  id bigint generated always as identity primary key,
  ticket_id bigint not null,
  kind text not null,
  data jsonb not null,
  at timestamptz not null
);
create table sla_timers (
  ticket_id bigint not null references tickets (id) on delete cascade,
  policy text not null,
  breaches_at timestamptz not null,
  paused boolean not null default false,
  fired boolean not null default false,
  primary key (ticket_id, policy)
);
create table articles (
  id int generated always as identity primary key,
  slug text not null unique,
  lang text not null,
  title text not null,
  body text not null,
  tags text[] not null,
  views int not null default 0,
  published boolean not null default false,
  updated_at timestamptz not null
);
create view open_tickets as
  select t.id, t.number, t.subject, t.priority, t.assignee_id, t.due_at, r.email
  from tickets t join requesters r on r.id = t.requester_id
  where t.state in ('new', 'open');
