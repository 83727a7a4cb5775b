create extension if not exists pg_trgm;
create table languages (
  code char(2) primary key,
  label text not null
);
create table authors (
  id int generated always as identity primary key,
  handle varchar(40) not null unique,
  display_name varchar(80) not null,
  email varchar(120) not null,
  joined date not null,
  banned boolean not null default false
);
create table articles (
  id bigint generated always as identity primary key,
  author_id int not null references authors (id),
  lang char(2) not null references languages (code),
  slug text not null,
  title text not null,
  summary text,
  body text not null,
  tags text[] not null default '{}',
  meta jsonb not null default '{}',
  status varchar(12) not null,
  published_at timestamptz,
  score numeric(8, 3) not null default 0,
  words int not null,
  document tsvector generated always as (to_tsvector('english', title || ' ' || coalesce(summary, ''))) stored
);
create unique index articles_lang_slug on articles (lang, slug);
create table revisions (
  id bigint generated always as identity primary key,
  article_id bigint not null references articles (id) on delete cascade,
  editor_id int not null,
  changed_at timestamptz not null,
  diff text not null
);
create table comments (
  id bigint generated always as identity primary key,
  article_id bigint not null references articles (id),
  parent_id bigint references comments (id),
  name text not null,
  body text not null,
  approved boolean,
  ip inet,
  posted_at timestamptz not null
);
create index comments_article on comments (article_id, posted_at) where approved;
create table media (
  id uuid primary key,
  article_id bigint,
  mime text not null,
  path text not null,
  bytes bigint not null,
  checksum bytea not null,
  uploaded_at timestamptz not null
);
create table page_views (
  article_id bigint not null,
  day date not null,
  views int not null,
  referrers text[] not null,
  primary key (article_id, day)
);
create table redirects (
  source text primary key,
  target text not null,
  hits int not null default 0
);
create table searches (
  id bigint generated always as identity primary key,
  term text not null,
  results int not null,
  user_agent text,
  at timestamptz not null
);
