create extension if not exists btree_gist;
create schema fleet;
create table fleet.sites (
  id smallint primary key,
  name text not null,
  timezone text not null
);
create table fleet.devices (
  id uuid primary key,
  site_id smallint not null references fleet.sites (id),
  serial text not null unique,
  model text not null,
  firmware text,
  online boolean not null,
  address inet not null,
  labels jsonb not null default '{}',
  last_seen timestamptz
);
create table fleet.readings (
  device_id uuid not null,
  at timestamptz not null,
  metric text not null,
  value double precision not null,
  quality smallint not null
) partition by range (at);
create table fleet.readings_2025_01 partition of fleet.readings for values from ('2025-01-01') to ('2025-02-01');
create table fleet.readings_2025_02 partition of fleet.readings for values from ('2025-02-01') to ('2025-03-01');
create table fleet.readings_2025_03 partition of fleet.readings for values from ('2025-03-01') to ('2025-04-01');
create table fleet.readings_default partition of fleet.readings default;
create table fleet.event_log (
  id bigint generated always as identity primary key,
  device_id uuid not null references fleet.devices (id),
  severity text not null,
  code int not null,
  message text not null,
  context jsonb not null,
  logged_at timestamptz not null
);
create table fleet.commands (
  id bigint generated always as identity primary key,
  device_id uuid not null references fleet.devices (id) on delete cascade,
  name text not null,
  state text not null,
  not_before timestamptz not null,
  done_at timestamptz,
  result jsonb
);
create table fleet.alerts (
  id bigint generated always as identity primary key,
  device_id uuid not null,
  rule_id int not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  peak numeric
);
create index alerts_device on fleet.alerts (device_id, opened_at);
create table fleet.rules (
  id int primary key,
  name text not null,
  metric text not null
);
create table fleet.maintenance (
  id bigint generated always as identity primary key,
  device_id uuid not null,
  during tstzrange not null,
  technician text not null
);
create table fleet.measurements_daily (
  device_id uuid not null,
  day date not null,
  metric text not null,
  low real not null,
  high real not null,
  samples int not null,
  primary key (device_id, day, metric)
);
create materialized view fleet.last_day as
  select device_id, metric, max(high) as high from fleet.measurements_daily where day > '2025-03-01' group by device_id, metric;
