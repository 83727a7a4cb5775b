SELECT policy, breaches_at FROM sla_timers WHERE ticket_id = 77;
