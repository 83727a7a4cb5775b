SELECT count(DISTINCT editor_id) FROM revisions WHERE changed_at >= '2022-05-01' AND changed_at < '2022-05-03';
