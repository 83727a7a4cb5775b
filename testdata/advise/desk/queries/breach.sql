SELECT ticket_id, policy FROM sla_timers WHERE NOT fired AND NOT paused AND breaches_at < '2023-02-01' ORDER BY breaches_at LIMIT 100;
