-- Queues, while the API serves those.
create extension pgmq;
select pgmq.create('open');
select pgmq.create('guarded');
select pgmq.create('unread');
alter table pgmq.q_guarded enable row level security;
grant select on pgmq.q_open, pgmq.q_guarded to authenticated;
grant usage on schema pgmq to authenticated;
